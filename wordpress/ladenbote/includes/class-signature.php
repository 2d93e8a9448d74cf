<?php
/**
 * Signed and timed requests between this shop and its Ladenbote.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** A Unix timestamp, and v1= with the hex HMAC-SHA256 over timestamp, a dot and the body. */
final class Signature {

	/** How many seconds a timestamp may be off. */
	const WINDOW = 300;

	/**
	 * The headers of a request that we send.
	 *
	 * @param string $secret The secret to sign with.
	 * @param string $body   The exact body.
	 */
	public static function headers( string $secret, string $body ): array {
		$timestamp = (string) Connection::now();
		return array(
			'X-Ladenbote-Timestamp' => $timestamp,
			'X-Ladenbote-Signature' => self::of( $secret, $timestamp, $body ),
		);
	}

	/**
	 * Whether a request was signed with this secret, at about this time. An empty secret signs nothing.
	 *
	 * @param string           $secret  The secret.
	 * @param \WP_REST_Request $request The request.
	 */
	public static function fits( string $secret, \WP_REST_Request $request ): bool {
		$timestamp = (string) $request->get_header( 'x_ladenbote_timestamp' );
		$given     = (string) $request->get_header( 'x_ladenbote_signature' );
		return self::is_right( $secret, $timestamp, $given, (string) $request->get_body() );
	}

	/**
	 * The same for an answer to a request of ours.
	 *
	 * @param string $secret The secret.
	 * @param array  $answer What wp_remote_post() gave.
	 */
	public static function fits_answer( string $secret, $answer ): bool {
		$timestamp = (string) wp_remote_retrieve_header( $answer, 'x-ladenbote-timestamp' );
		$given     = (string) wp_remote_retrieve_header( $answer, 'x-ladenbote-signature' );
		return self::is_right( $secret, $timestamp, $given, wp_remote_retrieve_body( $answer ) );
	}

	/**
	 * Whether a signature is this secret's, made at about this time.
	 *
	 * @param string $secret    The secret.
	 * @param string $timestamp Unix seconds.
	 * @param string $given     The signature.
	 * @param string $body      The exact body.
	 */
	private static function is_right( string $secret, string $timestamp, string $given, string $body ): bool {
		return '' !== $secret
			&& ctype_digit( $timestamp )
			&& hash_equals( self::of( $secret, $timestamp, $body ), $given )
			&& abs( Connection::now() - (int) $timestamp ) <= self::WINDOW;
	}

	/** The answer to a request that does not fit; it tells our time, in case clocks are the reason. */
	public static function refusal(): \WP_REST_Response {
		return new \WP_REST_Response(
			array(
				'error' => 'unsigned',
				'now'   => Connection::now(),
			),
			401
		);
	}

	/**
	 * The signature itself.
	 *
	 * @param string $secret    The secret.
	 * @param string $timestamp Unix seconds.
	 * @param string $body      The exact body.
	 */
	private static function of( string $secret, string $timestamp, string $body ): string {
		return 'v1=' . hash_hmac( 'sha256', $timestamp . '.' . $body, $secret );
	}
}
