<?php
/**
 * Pairing: a code from the settings page instead of secrets that somebody copies.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/**
 * The owner shows a code here and gives it to Ladenbote (`ladenbote pair`). Ladenbote, which can always reach the shop,
 * exchanges it for the secrets. The code works once, for an hour; only its hash is stored.
 */
final class Pairing {

	const OPTION = 'ladenbote_code';
	const VALID  = 3600;

	/** Adds the routes. */
	public static function register(): void {
		foreach ( array( 'pair', 'connect' ) as $name ) {
			register_rest_route(
				'ladenbote/v1',
				"/$name",
				array(
					'methods'             => 'POST',
					'callback'            => array( self::class, $name ),
					'permission_callback' => '__return_true',
				)
			);
		}
	}

	/** A new code; the one before it is void. */
	public static function new_code(): string {
		$code = bin2hex( random_bytes( 20 ) );
		update_option(
			self::OPTION,
			array(
				'hash'  => hash( 'sha256', $code ),
				'until' => time() + self::VALID,
			),
			false
		);
		$content = wp_json_encode(
			array(
				'u' => rest_url( 'ladenbote/v1' ),
				'c' => $code,
			),
			JSON_UNESCAPED_SLASHES
		);
		return 'lb1-' . rtrim( strtr( base64_encode( (string) $content ), '+/', '-_' ), '=' ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- so that it can be pasted.
	}

	/**
	 * Exchanges the code for the secrets.
	 *
	 * @param \WP_REST_Request $request Ladenbote's request.
	 */
	public static function pair( \WP_REST_Request $request ): \WP_REST_Response {
		$code  = $request->get_json_params()['code'] ?? '';
		$known = get_option( self::OPTION );
		$right = is_array( $known ) && is_string( $code ) && hash_equals( (string) $known['hash'], hash( 'sha256', $code ) );
		if ( ! $right || time() > (int) $known['until'] ) {
			return new \WP_REST_Response( array( 'error' => 'code' ), 403 );
		}
		if ( ! delete_option( self::OPTION ) ) { // Of two that come at once, one deletes it.
			return new \WP_REST_Response( array( 'error' => 'code' ), 403 );
		}
		$secrets = array(
			'token'  => bin2hex( random_bytes( 32 ) ),
			'secret' => bin2hex( random_bytes( 32 ) ),
		);
		Connection::end();
		Connection::update( $secrets + array( 'paired_at' => time() ) );
		$facts = array(
			'mailbox' => Mailbox::url(),
			'shop'    => home_url(),
			'version' => VERSION,
		);
		return new \WP_REST_Response( $secrets + $facts );
	}

	/**
	 * Ladenbote says what it calls this shop, what time it is, and where it would like our reports. We try that address.
	 *
	 * @param \WP_REST_Request $request Ladenbote's request, signed with the token.
	 */
	public static function connect( \WP_REST_Request $request ): \WP_REST_Response {
		if ( ! Signature::fits( Connection::get()['token'], $request ) ) {
			return Signature::refusal();
		}
		$told     = $request->get_json_params();
		$facts_to = is_string( $told['facts_to'] ?? null ) ? esc_url_raw( $told['facts_to'], array( 'http', 'https' ) ) : '';
		Connection::update(
			array(
				'name'     => sanitize_key( is_string( $told['name'] ?? null ) ? $told['name'] : '' ),
				'ahead'    => is_int( $told['now'] ?? null ) ? $told['now'] - time() : 0,
				'facts_to' => '',
			)
		);
		$direct = '' !== $facts_to && Worker::reaches( $facts_to );
		Connection::update( array( 'facts_to' => $direct ? $facts_to : '' ) );
		return new \WP_REST_Response( array( 'direct' => $direct ) );
	}
}
