<?php
/**
 * Plugin Name: A stand-in for WooCommerce
 *
 * WooCommerce itself is in no package that tests may install. This has only what our plugin uses of it, as WooCommerce
 * documents it; it was written for these tests.
 */

/** The plugin's main class: its presence says that WooCommerce is active. */
class WooCommerce {
	public $cart;
	public $session;
}

/** The one instance. */
function WC() {
	static $woocommerce = null;
	$woocommerce = $woocommerce ? $woocommerce : new WooCommerce();
	return $woocommerce;
}
