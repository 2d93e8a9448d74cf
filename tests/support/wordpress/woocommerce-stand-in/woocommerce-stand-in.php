<?php
/**
 * Plugin Name: A stand-in for WooCommerce
 *
 * WooCommerce itself is in no package that tests may install. This has only what our plugin uses of it, as WooCommerce
 * documents it; it was written for these tests. Orders and the session live for one request.
 */

/** The plugin's main class: its presence says that WooCommerce is active. */
class WooCommerce {
	public $cart;
	public $session;
}

/** Memory of a visit. */
class WC_Session {
	private $kept = array();
	public function get( $name ) {
		return $this->kept[ $name ] ?? null;
	}
	public function set( $name, $value ) {
		$this->kept[ $name ] = $value;
	}
	public function set_customer_session_cookie( $on ) {}
}

/** A product. */
class WC_Product {
	public function get_name() {
		return 'Tee <b>grün</b>';
	}
	public function get_sku() {
		return 'T-1';
	}
}

/** A cart; product 99 is sold out. */
class WC_Cart {
	private $lines = array();
	public $coupons = array();
	public function get_cart() {
		return $this->lines;
	}
	public function is_empty() {
		return ! $this->lines;
	}
	public function get_total( $context ) {
		return array_sum( array_column( $this->lines, 'quantity' ) ) * 12.45;
	}
	public function empty_cart() {
		$this->lines = array();
		do_action( 'woocommerce_cart_emptied' );
	}
	public function add_to_cart( $product, $quantity = 1, $variation = 0, $attributes = array() ) {
		if ( 99 === $product ) {
			throw new Exception( 'Sold out.' );
		}
		$this->lines[] = array(
			'product_id'   => $product,
			'variation_id' => $variation,
			'variation'    => $attributes,
			'quantity'     => $quantity,
			'data'         => new WC_Product(),
		);
		do_action( 'woocommerce_add_to_cart' );
	}
	public function has_discount( $code ) {
		return in_array( $code, $this->coupons, true );
	}
	public function apply_coupon( $code ) {
		$this->coupons[] = $code;
		do_action( 'woocommerce_applied_coupon' );
	}
}

/** An order. */
class WC_Order {
	public static $saved = array();
	private $meta        = array();
	private $status;
	private $phone;
	public function __construct( $status = 'processing', $phone = '0171 3920012', $meta = array() ) {
		$this->status = $status;
		$this->phone  = $phone;
		$this->meta   = $meta;
	}
	public function get_id() {
		return 77;
	}
	public function get_billing_phone() {
		return $this->phone;
	}
	public function has_status( $status ) {
		return $this->status === $status;
	}
	public function get_meta( $name ) {
		return $this->meta[ $name ] ?? '';
	}
	public function update_meta_data( $name, $value ) {
		$this->meta[ $name ] = $value;
	}
	public function save_meta_data() {
		self::$saved = $this->meta;
	}
}

/** Where visitors come from. */
class WC_Geolocation {
	public static function get_ip_address() {
		return '192.0.2.7';
	}
}

/** The addresses of the shop's own requests. */
class WC_AJAX {
	public static function get_endpoint( $name ) {
		return "/?wc-ajax=$name";
	}
}

/** The one instance. */
function WC() {
	static $woocommerce = null;
	if ( ! $woocommerce ) {
		$woocommerce          = new WooCommerce();
		$woocommerce->cart    = new WC_Cart();
		$woocommerce->session = new WC_Session();
	}
	return $woocommerce;
}

function wc_get_orders( $asked ) {
	return 'anna@example.com' === $asked['billing_email'] && 1 === $asked['page'] ? ( $GLOBALS['stand_in_orders'] ?? array() ) : array();
}
function wc_get_user_agent() {
	return 'A browser';
}
function wc_get_checkout_url() {
	return home_url( '/checkout/' );
}
function wc_get_cart_url() {
	return home_url( '/cart/' );
}
function get_woocommerce_currency() {
	return 'EUR';
}
function wc_add_notice( $text ) {}
function wc_format_coupon_code( $code ) {
	return strtolower( $code );
}
function is_checkout() {
	return true;
}
function is_order_received_page() {
	return false;
}
function woocommerce_register_additional_checkout_field( $field ) {
	$GLOBALS['stand_in_fields'][] = $field;
}
add_action(
	'init',
	static function () {
		do_action( 'woocommerce_init' );
	},
	0
);
