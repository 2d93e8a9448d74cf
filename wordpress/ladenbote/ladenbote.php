<?php
/**
 * Plugin Name:          Ladenbote
 * Description:          Connects WooCommerce with your own Ladenbote: WhatsApp consent in the checkout with evidence, carts of those who agreed, recovery links, privacy requests, and a mailbox for webhooks.
 * Version:              0.2.0
 * Requires at least:    6.1
 * Requires PHP:         7.4
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          ladenbote
 * Domain Path:          /languages
 * WC requires at least: 8.9
 * WC tested up to:      10.5
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

const VERSION = '0.2.0';
const FILE    = __FILE__;

spl_autoload_register(
	static function ( string $name ): void {
		if ( 0 === strpos( $name, __NAMESPACE__ . '\\' ) ) {
			$file = 'class-' . strtolower( str_replace( '_', '-', substr( $name, strlen( __NAMESPACE__ ) + 1 ) ) ) . '.php';
			if ( is_file( __DIR__ . '/includes/' . $file ) ) {
				require __DIR__ . '/includes/' . $file;
			}
		}
	}
);

register_activation_hook( __FILE__, array( Letters::class, 'make_table' ) );
add_action( 'plugins_loaded', array( Plugin::class, 'start' ) );
