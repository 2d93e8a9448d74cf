<?php
/**
 * Carts of visitors who agreed.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/**
 * The classic checkout leaves no trace of a cart on the server. Once a visitor has ticked the marketing box there, the
 * script posts the contact, and from then on changes of the cart are reported. Nothing is reported before, and nothing
 * after the box was unticked. Hooks only mark; one report leaves when the page is done.
 *
 * Carts of the block checkout are draft orders, which Ladenbote reads itself; they get a recovery link.
 */
final class Carts {

	const SESSION  = 'ladenbote_cart';
	const META     = '_ladenbote_cart';
	const RECOVERY = '_ladenbote_recovery_url';
	const CHANGES  = array(
		'woocommerce_add_to_cart'                     => 'added',
		'woocommerce_cart_item_removed'               => 'removed',
		'woocommerce_cart_item_restored'              => 'added',
		'woocommerce_after_cart_item_quantity_update' => 'quantity',
		'woocommerce_applied_coupon'                  => 'coupon',
		'woocommerce_removed_coupon'                  => 'coupon',
		'woocommerce_cart_emptied'                    => 'emptied',
	);

	/** Why a report is due, empty when none is. @var string */
	private static $why = '';

	/** Whether the cart is being refilled: that empties it first. @var bool */
	private static $refilling = false;

	/** Adds the hooks. */
	public static function start(): void {
		add_action( 'woocommerce_store_api_checkout_update_order_meta', array( self::class, 'add_recovery_link' ) );
		if ( ! Settings::get()['carts'] || '' === Settings::get()['marketing_wording'] ) {
			return;
		}
		foreach ( self::CHANGES as $hook => $why ) {
			add_action(
				$hook,
				static function () use ( $why ): void {
					self::mark( $why );
				}
			);
		}
		add_action( 'wp_enqueue_scripts', array( self::class, 'add_script' ) );
		add_action( 'wc_ajax_ladenbote_cart', array( self::class, 'take_contact' ) );
		add_action( 'woocommerce_checkout_create_order', array( self::class, 'name_cart' ) );
		add_action( 'woocommerce_checkout_order_processed', array( self::class, 'ordered' ) );
		add_action( 'shutdown', array( self::class, 'report' ), 5 ); // WooCommerce saves the session at 20.
	}

	/** The script of the classic checkout. */
	public static function add_script(): void {
		if ( ! is_checkout() || is_order_received_page() ) {
			return;
		}
		wp_enqueue_script( 'ladenbote-checkout', plugins_url( 'assets/checkout.js', FILE ), array(), VERSION, true );
		$for_script = array(
			'url'   => \WC_AJAX::get_endpoint( 'ladenbote_cart' ),
			'nonce' => wp_create_nonce( 'ladenbote-cart' ),
		);
		wp_add_inline_script( 'ladenbote-checkout', 'var ladenboteCheckout = ' . wp_json_encode( $for_script ) . ';', 'before' );
	}

	/** What the script posts: the contact of somebody who has ticked the box, or that the tick was taken back. */
	public static function take_contact(): void {
		check_ajax_referer( 'ladenbote-cart', 'nonce' );
		if ( isset( $_POST['agreed'] ) && '1' === $_POST['agreed'] ) {
			self::agree( wp_unslash( $_POST ) );
		} else {
			self::withdraw();
		}
		wp_send_json_success();
	}

	/**
	 * A report is due.
	 *
	 * @param string $why What happened last.
	 */
	public static function mark( string $why ): void {
		if ( ! self::$refilling && 'ordered' !== self::$why ) {
			self::$why = $why;
		}
	}

	/**
	 * Does something that is no visitor's doing.
	 *
	 * @param callable $work What to do.
	 */
	public static function unnoticed( callable $work ): void {
		self::$refilling = true;
		try {
			$work();
		} finally {
			self::$refilling = false;
		}
	}

	/**
	 * The order knows which cart it was.
	 *
	 * @param \WC_Order $order The order that is being made.
	 */
	public static function name_cart( $order ): void {
		$known = self::known();
		if ( $known ) {
			$order->update_meta_data( self::META, $known['id'] );
		}
	}

	/**
	 * The cart was ordered: its story ends, the next cart is another.
	 *
	 * @param int $order_id The order.
	 */
	public static function ordered( $order_id ): void {
		$known = self::known();
		if ( $known ) {
			self::$why = 'ordered';
			Worker::report( self::fact( 'cart.ordered', $known, 'ordered' ) + array( 'order_id' => (int) $order_id ) );
			WC()->session->set( self::SESSION, null );
		}
	}

	/** The one report of this request. */
	public static function report(): void {
		$known = self::known();
		if ( '' === self::$why || 'ordered' === self::$why || ! $known || ! WC()->cart ) {
			return;
		}
		Worker::report( self::fact( WC()->cart->is_empty() ? 'cart.emptied' : 'cart.updated', $known, self::$why ) );
		self::$why = '';
	}

	/**
	 * A draft of the block checkout gets a link that brings its cart back; WooCommerce before 10.0 has none of its own.
	 *
	 * @param \WC_Order $order The draft.
	 */
	public static function add_recovery_link( $order ): void {
		if ( ! $order->has_status( 'checkout-draft' ) || ! WC()->cart || WC()->cart->is_empty() || ! Connection::is_open() ) {
			return;
		}
		// A new link would say the same until the cart changes, and every change of the draft is news to Ladenbote.
		if ( ! Recovery::leads_to( (string) $order->get_meta( self::RECOVERY ), WC()->cart ) ) {
			$order->update_meta_data( self::RECOVERY, Recovery::link( WC()->cart ) );
			$order->save_meta_data(); // WooCommerce saves the order before this hook, not after it.
		}
	}

	/**
	 * Remembers the contact, and from now on reports.
	 *
	 * @param array $posted What the script posted.
	 */
	private static function agree( array $posted ): void {
		$contact = array();
		foreach ( array( 'phone', 'first_name', 'last_name', 'country', 'email' ) as $name ) {
			$text             = is_string( $posted[ $name ] ?? null ) ? $posted[ $name ] : '';
			$contact[ $name ] = 'email' === $name ? sanitize_email( $text ) : mb_substr( sanitize_text_field( $text ), 0, 100 );
		}
		$known = self::known();
		$began = array(
			'id' => bin2hex( random_bytes( 12 ) ),
			'at' => Connection::now(),
		);
		WC()->session->set( self::SESSION, array( 'contact' => $contact ) + ( $known ? $known : $began ) );
		self::mark( 'contact' );
	}

	/** The tick was taken back: Ladenbote is told that there is nothing to remind of, without the contact. */
	private static function withdraw(): void {
		$known = self::known();
		if ( $known ) {
			WC()->session->set( self::SESSION, null );
			Worker::report( self::fact( 'cart.emptied', array( 'contact' => array() ) + $known, 'withdrawn' ) );
			self::$why = '';
		}
	}

	/** What is known of this visitor's cart since they agreed, empty before. */
	private static function known(): array {
		$known = WC()->session ? WC()->session->get( self::SESSION ) : null;
		return is_array( $known ) && isset( $known['id'], $known['at'], $known['contact'] ) ? $known : array();
	}

	/**
	 * What is reported.
	 *
	 * @param string $event cart.updated, cart.emptied or cart.ordered.
	 * @param array  $known Id, contact and beginning of the cart.
	 * @param string $why   What happened.
	 */
	private static function fact( string $event, array $known, string $why ): array {
		$cart = WC()->cart;
		return $known['contact'] + array(
			'event'        => $event,
			'why'          => $why,
			'cart_key'     => $known['id'],
			'started_at'   => gmdate( 'Y-m-d\TH:i:s\Z', (int) $known['at'] ),
			'user_id'      => get_current_user_id(),
			'locale'       => determine_locale(),
			'total'        => (string) $cart->get_total( 'edit' ),
			'currency'     => get_woocommerce_currency(),
			'items'        => array_slice( array_map( array( self::class, 'item' ), array_values( $cart->get_cart() ) ), 0, 50 ),
			'recovery_url' => $cart->is_empty() ? '' : Recovery::link( $cart ),
		);
	}

	/**
	 * A line of the cart.
	 *
	 * @param array $line WooCommerce's cart item.
	 */
	private static function item( array $line ): array {
		$product = $line['data'] ?? null;
		$known   = $product instanceof \WC_Product;
		return array(
			'id'           => (int) $line['product_id'],
			'variation_id' => (int) $line['variation_id'],
			'name'         => $known ? wp_strip_all_tags( $product->get_name() ) : '',
			'sku'          => $known ? (string) $product->get_sku() : '',
			'quantity'     => $line['quantity'] + 0,
		);
	}
}
