<?php
/**
 * Consent and its evidence.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** Writes the evidence into the order when it is placed, and only then (docs/consent.md). */
final class Consent {

	const META = '_ladenbote_consent';

	/**
	 * Writes the evidence; the caller saves the order.
	 *
	 * @param \WC_Order  $order     The order that was placed.
	 * @param array|null $orders    The box for order messages: granted, wording, version. Null when it was not shown.
	 * @param array|null $marketing The box for marketing, likewise.
	 * @param string     $source    Which checkout.
	 */
	public static function record( \WC_Order $order, ?array $orders, ?array $marketing, string $source ): void {
		$boxes = array(
			self::for_purposes( $orders, array( 'service_updates' ) ),
			self::for_purposes( $marketing, Settings::get()['purposes'] ),
		);
		$boxes = array_values( array_filter( $boxes ) );
		if ( ! $boxes ) {
			return;
		}
		$evidence = $boxes[0] + self::circumstances( $order, $source );
		if ( isset( $boxes[1] ) ) {
			$evidence['marketing'] = $boxes[1];
		}
		$order->update_meta_data( self::META, $evidence );
	}

	/**
	 * A box that was shown.
	 *
	 * @param string $wording The text beside it.
	 * @param bool   $ticked  Whether it was ticked.
	 */
	public static function box( string $wording, bool $ticked ): ?array {
		if ( '' === $wording ) {
			return null;
		}
		return array(
			'granted' => $ticked,
			'wording' => $wording,
			'version' => Settings::version_of( $wording ),
		);
	}

	/**
	 * A box and what it is for; none when it was not shown, or is for nothing.
	 *
	 * @param array|null $box      Granted, wording, version.
	 * @param array      $purposes Scopes of the consent.
	 */
	private static function for_purposes( ?array $box, array $purposes ): ?array {
		return null === $box || ! $purposes ? null : $box + array( 'purposes' => $purposes );
	}

	/**
	 * Who, when, where from.
	 *
	 * @param \WC_Order $order  The order.
	 * @param string    $source Which checkout.
	 */
	private static function circumstances( \WC_Order $order, string $source ): array {
		return array(
			'at'         => gmdate( 'Y-m-d\TH:i:s+00:00', Connection::now() ),
			'ip'         => \WC_Geolocation::get_ip_address(),
			'user_agent' => mb_substr( wc_get_user_agent(), 0, 300 ),
			'source'     => $source,
			'page'       => wc_get_checkout_url(),
			'phone'      => $order->get_billing_phone(),
			'locale'     => determine_locale(),
		);
	}
}
