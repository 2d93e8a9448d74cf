<?php
/**
 * Plugs everything in.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** The plugin as a whole. */
final class Plugin {

	/** Adds the hooks that every WordPress gets. */
	public static function start(): void {
		add_action( 'init', array( self::class, 'load_texts' ), -20 );
		add_action( 'init', array( self::class, 'start_shop' ), -10 ); // WooCommerce begins at 0.
		add_action( 'rest_api_init', array( Mailbox::class, 'register' ) );
		add_action( 'rest_api_init', array( Pairing::class, 'register' ) );
		add_action( 'before_woocommerce_init', array( self::class, 'declare_compatibility' ) );
		Letters::update_table();
		Privacy::start();
		if ( is_admin() ) {
			Settings_Page::start();
		}
	}

	/** The parts that need WooCommerce. */
	public static function start_shop(): void {
		if ( class_exists( 'WooCommerce' ) ) {
			Classic_Checkout::start();
			Block_Checkout::start();
			Carts::start();
			Recovery::start();
		}
	}

	/** Translations lie beside the plugin. */
	public static function load_texts(): void {
		load_plugin_textdomain( 'ladenbote', false, dirname( plugin_basename( FILE ) ) . '/languages' );
	}

	/** We use neither order posts nor the old checkout's inner workings. */
	public static function declare_compatibility(): void {
		if ( class_exists( '\Automattic\WooCommerce\Utilities\FeaturesUtil' ) ) {
			\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', FILE, true );
			\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'cart_checkout_blocks', FILE, true );
		}
	}
}
