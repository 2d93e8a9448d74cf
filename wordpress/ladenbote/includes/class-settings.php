<?php
/**
 * The owner's choices.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** Wordings of the boxes, what the second box is for, and whether carts are reported. */
final class Settings {

	const OPTION = 'ladenbote_settings';
	const SHOWN  = 'ladenbote_wordings';

	/** The purposes that a marketing consent may have (docs/consent.md). */
	const PURPOSES = array( 'marketing_offers', 'marketing_news', 'cart_reminder', 'review_request' );

	/** The choices, with their defaults. An empty wording means that the box is not shown. */
	public static function get(): array {
		$default = array(
			'orders_wording'    => self::default_orders_wording(),
			'marketing_wording' => '',
			'purposes'          => array( 'marketing_offers', 'cart_reminder' ),
			'carts'             => false,
		);
		$found   = get_option( self::OPTION );
		return is_array( $found ) ? array_merge( $default, array_intersect_key( $found, $default ) ) : $default;
	}

	/**
	 * What may be stored of a submitted form.
	 *
	 * @param mixed $given The form.
	 */
	public static function sanitize( $given ): array {
		$given    = is_array( $given ) ? $given : array();
		$purposes = is_array( $given['purposes'] ?? null ) ? $given['purposes'] : array();
		return array(
			'orders_wording'    => self::plain( $given['orders_wording'] ?? '' ),
			'marketing_wording' => self::plain( $given['marketing_wording'] ?? '' ),
			'purposes'          => array_values( array_intersect( self::PURPOSES, $purposes ) ),
			'carts'             => ! empty( $given['carts'] ),
		);
	}

	/** The box for order messages: a proposal; which text suffices is a question for the owner's lawyer. */
	public static function default_orders_wording(): string {
		/* translators: %s: name of the shop */
		return sprintf( __( 'Yes, %s may send me messages about this order (confirmation, payment, shipping) by WhatsApp. Voluntary; I can stop it at any time by replying STOP.', 'ladenbote' ), self::shop_name() );
	}

	/** A proposal for the second box. */
	public static function default_marketing_wording(): string {
		/* translators: %s: name of the shop */
		return sprintf( __( 'Yes, %s may send me offers and remind me of my cart by WhatsApp. Voluntary; I can stop it at any time by replying STOP.', 'ladenbote' ), self::shop_name() );
	}

	/**
	 * The version of a wording, and the wording remembered under it: what was shown can be told later.
	 *
	 * @param string $wording A text that is about to be shown.
	 */
	public static function version_of( string $wording ): string {
		$version = substr( hash( 'sha256', $wording ), 0, 12 );
		$shown   = self::shown();
		if ( ! isset( $shown[ $version ] ) ) {
			$shown[ $version ] = $wording;
			update_option( self::SHOWN, array_slice( $shown, -50, null, true ), false );
		}
		return $version;
	}

	/**
	 * The wording that was shown under a version, empty when it never was.
	 *
	 * @param string $version As it came with the form.
	 */
	public static function wording_of( string $version ): string {
		return (string) ( self::shown()[ $version ] ?? '' );
	}

	/** Wordings that were shown, by version. */
	private static function shown(): array {
		$shown = get_option( self::SHOWN );
		return is_array( $shown ) ? $shown : array();
	}

	/**
	 * A text without markup, bounded.
	 *
	 * @param mixed $value From the form.
	 */
	private static function plain( $value ): string {
		return is_string( $value ) ? mb_substr( sanitize_textarea_field( $value ), 0, 1000 ) : '';
	}

	/** The shop's name as plain text. */
	private static function shop_name(): string {
		return wp_specialchars_decode( (string) get_option( 'blogname' ), ENT_QUOTES );
	}
}
