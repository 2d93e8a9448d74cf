<?php
/**
 * Removes what the plugin stored. The evidence in orders stays: it belongs to the orders.
 *
 * @package Ladenbote
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/** Removes options and table of the present site. */
function ladenbote_uninstall_site(): void {
	global $wpdb;
	foreach ( array( 'connection', 'key', 'code', 'settings', 'wordings', 'addresses', 'schema' ) as $name ) {
		delete_option( "ladenbote_$name" );
	}
	$wpdb->query( "DROP TABLE IF EXISTS {$wpdb->prefix}ladenbote_letters" ); // phpcs:ignore WordPress.DB
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $ladenbote_site ) {
		switch_to_blog( $ladenbote_site );
		ladenbote_uninstall_site();
		restore_current_blog();
	}
} else {
	ladenbote_uninstall_site();
}
