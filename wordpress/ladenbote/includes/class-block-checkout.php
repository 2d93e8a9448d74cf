<?php
/**
 * The boxes in the block checkout.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/**
 * Registers the boxes as additional checkout fields. Their place is `order`: a field of the place `contact` would be
 * saved with the customer and come back ticked.
 */
final class Block_Checkout {

	const ORDERS    = 'ladenbote/whatsapp-optin';
	const MARKETING = 'ladenbote/whatsapp-marketing';

	/** Adds the hooks. */
	public static function start(): void {
		add_action( 'woocommerce_init', array( self::class, 'register_boxes' ) );
		add_action( 'woocommerce_store_api_checkout_order_processed', array( self::class, 'record' ) );
	}

	/** Registers the boxes, unticked and not required. */
	public static function register_boxes(): void {
		if ( ! function_exists( 'woocommerce_register_additional_checkout_field' ) ) {
			return;
		}
		foreach ( self::boxes() as $id => $wording ) {
			woocommerce_register_additional_checkout_field(
				array(
					'id'       => $id,
					'label'    => $wording,
					'location' => 'order',
					'type'     => 'checkbox',
					'required' => false,
				)
			);
		}
	}

	/**
	 * Writes the evidence. This hook comes once, when the order is placed; drafts only have the box's own meta.
	 *
	 * @param \WC_Order $order The order.
	 */
	public static function record( $order ): void {
		$shown = array();
		foreach ( self::boxes() as $id => $wording ) {
			$shown[ $id ] = Consent::box( $wording, '1' === (string) $order->get_meta( "_wc_other/$id" ) );
		}
		Consent::record( $order, $shown[ self::ORDERS ] ?? null, $shown[ self::MARKETING ] ?? null, 'woocommerce-block' );
		$order->save_meta_data();
	}

	/** The boxes that are shown: id and wording. */
	private static function boxes(): array {
		$settings = Settings::get();
		return array_filter(
			array(
				self::ORDERS    => $settings['orders_wording'],
				self::MARKETING => $settings['marketing_wording'],
			)
		);
	}
}
