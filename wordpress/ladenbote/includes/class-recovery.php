<?php
/**
 * A link that brings a cart back.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/**
 * The link holds the cart itself (products, variations, attributes, quantities) and when it ends, signed with a key that
 * never leaves the shop. It names nobody. Ladenbote may add &ladenbote_voucher=CODE; WooCommerce judges vouchers.
 */
final class Recovery {

	const QUERY   = 'ladenbote_cart';
	const VOUCHER = 'ladenbote_voucher';
	const VALID   = 604800;
	const PREFIX  = 'ladenbote-cart-1.';
	const MOST    = 50;

	/** Adds the hook. */
	public static function start(): void {
		add_action( 'wp_loaded', array( self::class, 'follow' ), 30 );
	}

	/**
	 * The link for a cart as it is now.
	 *
	 * @param \WC_Cart $cart The cart.
	 */
	public static function link( $cart ): string {
		$content = array(
			'x' => Connection::now() + self::VALID,
			'l' => self::content( $cart ),
		);
		$text    = self::to_text( (string) wp_json_encode( $content ) );
		return add_query_arg( self::QUERY, $text . '.' . self::mark( $text ), home_url( '/' ) );
	}

	/**
	 * Whether a link still leads to this very cart.
	 *
	 * @param string   $link An earlier link.
	 * @param \WC_Cart $cart The cart.
	 */
	public static function leads_to( string $link, $cart ): bool {
		parse_str( (string) wp_parse_url( $link, PHP_URL_QUERY ), $query );
		$given = $query[ self::QUERY ] ?? '';
		return is_string( $given ) && self::lines( $given ) === json_decode( (string) wp_json_encode( self::content( $cart ) ), true );
	}

	/** Somebody came by such a link. */
	public static function follow(): void {
		// phpcs:disable WordPress.Security.NonceVerification.Recommended -- a signed link takes the place of a nonce.
		if ( ! isset( $_GET[ self::QUERY ] ) || is_admin() || ! WC()->cart ) {
			return;
		}
		$given   = is_string( $_GET[ self::QUERY ] ) ? sanitize_text_field( wp_unslash( $_GET[ self::QUERY ] ) ) : '';
		$voucher = isset( $_GET[ self::VOUCHER ] ) && is_string( $_GET[ self::VOUCHER ] ) ? wc_format_coupon_code( sanitize_text_field( wp_unslash( $_GET[ self::VOUCHER ] ) ) ) : '';
		// phpcs:enable
		$lines = self::lines( $given );
		if ( ! $lines ) {
			wc_add_notice( __( 'This link is no longer valid. Your cart is as you left it.', 'ladenbote' ), 'notice' );
			self::go( wc_get_cart_url() );
			return;
		}
		Carts::unnoticed(
			static function () use ( $lines, $voucher ): void {
				self::refill( $lines, $voucher );
			}
		);
		self::go( WC()->cart->is_empty() ? wc_get_cart_url() : wc_get_checkout_url() );
	}

	/**
	 * The lines of a link, nothing when it was altered or has ended.
	 *
	 * @param string $given What stood in the address.
	 */
	public static function lines( string $given ): array {
		$parts = explode( '.', $given );
		if ( 2 !== count( $parts ) || strlen( $given ) > 8000 || ! hash_equals( self::mark( $parts[0] ), $parts[1] ) ) {
			return array();
		}
		$content = json_decode( (string) base64_decode( strtr( $parts[0], '-_', '+/' ) ), true ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- our own signed text.
		$ended   = ! is_array( $content ) || (int) ( $content['x'] ?? 0 ) < Connection::now();
		return $ended || ! is_array( $content['l'] ?? null ) ? array() : $content['l'];
	}

	/**
	 * A cart as lines: product, variation, quantity, attributes.
	 *
	 * @param \WC_Cart $cart The cart.
	 */
	private static function content( $cart ): array {
		$lines = array();
		foreach ( array_slice( $cart->get_cart(), 0, self::MOST ) as $line ) {
			$lines[] = array( (int) $line['product_id'], (int) $line['variation_id'], $line['quantity'] + 0, (object) $line['variation'] );
		}
		return $lines;
	}

	/**
	 * Puts the lines into the visitor's cart; what is sold out or gone is left out, and WooCommerce says so.
	 *
	 * @param array  $lines   Lines of a link.
	 * @param string $voucher A code, or empty.
	 */
	private static function refill( array $lines, string $voucher ): void {
		WC()->cart->empty_cart();
		foreach ( $lines as $line ) {
			try {
				WC()->cart->add_to_cart( (int) $line[0], $line[2] + 0, (int) $line[1], (array) $line[3] );
			} catch ( \Exception $sold_out ) {
				wc_add_notice( $sold_out->getMessage(), 'error' );
			}
		}
		if ( '' !== $voucher && ! WC()->cart->is_empty() && ! WC()->cart->has_discount( $voucher ) ) {
			WC()->cart->apply_coupon( $voucher );
		}
		WC()->session->set_customer_session_cookie( true );
	}

	/**
	 * Leads on; what tells where the visitor came from goes along.
	 *
	 * @param string $url Where to.
	 */
	private static function go( string $url ): void {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- only passed on.
		foreach ( $_GET as $name => $value ) {
			if ( is_string( $name ) && 0 === strpos( $name, 'utm_' ) && is_string( $value ) ) {
				$url = add_query_arg( sanitize_key( $name ), rawurlencode( sanitize_text_field( wp_unslash( $value ) ) ), $url );
			}
		}
		nocache_headers();
		wp_safe_redirect( $url );
		exit;
	}

	/**
	 * The mark that only this shop can make: 128 bits.
	 *
	 * @param string $text The content as it stands in the link.
	 */
	private static function mark( string $text ): string {
		return substr( hash_hmac( 'sha256', self::PREFIX . $text, Connection::key() ), 0, 32 );
	}

	/**
	 * Base64 as it may stand in an address.
	 *
	 * @param string $content Anything.
	 */
	private static function to_text( string $content ): string {
		return rtrim( strtr( base64_encode( $content ), '+/', '-_' ), '=' ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- for an address.
	}
}
