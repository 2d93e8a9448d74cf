<?php
// The configuration of the WordPress that tests start; everything comes from the environment.
$site_url = getenv( 'SITE_URL' );
if ( ! $site_url ) {
	$site_url = 'http://' . $_SERVER['HTTP_HOST'];
}
define( 'WP_HOME', $site_url );
define( 'WP_SITEURL', $site_url );
define( 'WP_CONTENT_DIR', getenv( 'SITE_CONTENT' ) );
define( 'WP_CONTENT_URL', $site_url . '/content' );
define( 'DB_NAME', 'shop' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'SITE_SOCKET' ) );
define( 'DB_CHARSET', 'utf8mb4' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {
	define( $name . '_KEY', 'key-for-tests-' . $name );
	define( $name . '_SALT', 'salt-for-tests-' . $name );
}
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_LOG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'DISABLE_WP_CRON', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1' );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
$table_prefix = 'tp_';
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', getenv( 'SITE_TREE' ) . '/' );
}
require_once ABSPATH . 'wp-settings.php';
