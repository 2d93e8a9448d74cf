<?php
/**
 * The boxes in the classic checkout (the shortcode).
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** Prints the boxes above the button, unticked, and reads them when the order is made. */
final class Classic_Checkout {

	/** Adds the hooks. */
	public static function start(): void {
		add_action( 'woocommerce_review_order_before_submit', array( self::class, 'print_boxes' ) );
		add_action( 'woocommerce_checkout_create_order', array( self::class, 'record' ) );
	}

	/** Prints the boxes. */
	public static function print_boxes(): void {
		foreach ( self::boxes() as $name => $wording ) {
			self::print_box( $name, $wording );
		}
	}

	/**
	 * Reads the boxes. WooCommerce has checked its own nonce of the checkout form.
	 *
	 * @param \WC_Order $order The order that is being made.
	 */
	public static function record( $order ): void {
		$shown = array();
		foreach ( array_keys( self::boxes() ) as $name ) {
			// phpcs:disable WordPress.Security.NonceVerification.Missing -- verified in WC_Checkout::process_checkout.
			$version        = isset( $_POST[ "{$name}_version" ] ) ? sanitize_key( wp_unslash( $_POST[ "{$name}_version" ] ) ) : '';
			$ticked         = isset( $_POST[ $name ] ) && '1' === $_POST[ $name ];
			$shown[ $name ] = Consent::box( Settings::wording_of( $version ), $ticked );
			// phpcs:enable
		}
		Consent::record( $order, $shown['ladenbote_orders'] ?? null, $shown['ladenbote_marketing'] ?? null, 'woocommerce-classic' );
	}

	/** The boxes that are shown: name and wording. */
	private static function boxes(): array {
		$settings = Settings::get();
		return array_filter(
			array(
				'ladenbote_orders'    => $settings['orders_wording'],
				'ladenbote_marketing' => $settings['marketing_wording'],
			)
		);
	}

	/**
	 * One box. Its version travels with the form, so that the evidence holds what was shown, not what is shown by now.
	 *
	 * @param string $name    Field name.
	 * @param string $wording The text beside it.
	 */
	private static function print_box( string $name, string $wording ): void {
		printf(
			'<p class="form-row ladenbote-box"><label class="woocommerce-form__label woocommerce-form__label-for-checkbox checkbox"><input type="checkbox" class="woocommerce-form__input woocommerce-form__input-checkbox input-checkbox" name="%1$s" id="%1$s" value="1"%2$s /> <span>%3$s</span></label><input type="hidden" name="%1$s_version" value="%4$s" /></p>',
			esc_attr( $name ),
			checked( self::is_ticked_already( $name ), true, false ),
			esc_html( $wording ),
			esc_attr( Settings::version_of( $wording ) )
		);
	}

	/**
	 * WooCommerce draws this part anew whenever the address changes: the visitor's own tick must not get lost.
	 *
	 * @param string $name Field name.
	 */
	private static function is_ticked_already( string $name ): bool {
		// phpcs:ignore WordPress.Security -- WooCommerce checks the nonce of this request; the value is only compared.
		$form = isset( $_POST['post_data'] ) && is_string( $_POST['post_data'] ) ? wp_unslash( $_POST['post_data'] ) : '';
		parse_str( $form, $fields );
		return '1' === ( $fields[ $name ] ?? '' );
	}
}
