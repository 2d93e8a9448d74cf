<?php
// Makes the database and the site, and activates the plugins.
mysqli_connect( null, 'root', '', '', 0, getenv( 'SITE_SOCKET' ) )->query( 'CREATE DATABASE shop CHARACTER SET utf8mb4' );
define( 'WP_INSTALLING', true );
require getenv( 'SITE_TREE' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
add_filter( 'pre_wp_mail', '__return_true' );
wp_install( 'Kaffeeladen', 'admin', 'owner@example.com', true, '', getenv( 'SITE_PASSWORD' ) );
switch_theme( 'bare' );
foreach ( array( 'woocommerce-stand-in/woocommerce-stand-in.php', 'ladenbote/ladenbote.php' ) as $plugin ) {
	$wrong = activate_plugin( $plugin );
	if ( is_wp_error( $wrong ) ) {
		echo esc_html( $wrong->get_error_message() );
		exit( 1 );
	}
}
echo 'installed';
