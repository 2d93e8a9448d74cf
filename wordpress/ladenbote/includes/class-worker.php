<?php
/**
 * Reporting to Ladenbote.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** Sends facts to Ladenbote: straight to its address when we can reach it, else through our own mailbox. */
final class Worker {

	/**
	 * Reports something that may be lost with little harm: nobody waits for the answer.
	 *
	 * @param array $fact What happened; `event` names it.
	 */
	public static function report( array $fact ): void {
		$connection = Connection::get();
		if ( '' === $connection['name'] ) {
			return;
		}
		$body = self::body( $fact );
		if ( '' === $connection['facts_to'] ) {
			self::keep( $connection, $body );
			return;
		}
		wp_remote_post( $connection['facts_to'], array( 'blocking' => false, 'timeout' => 1 ) + self::request( $connection, $body ) );
	}

	/**
	 * Reports something that must arrive: waits for the answer, and keeps it in the mailbox when there is none.
	 *
	 * @param array $fact What happened; `event` names it.
	 */
	public static function report_surely( array $fact ): bool {
		$connection = Connection::get();
		if ( '' === $connection['name'] ) {
			return false;
		}
		$body = self::body( $fact );
		return ( '' !== $connection['facts_to'] && self::is_taken( $connection['facts_to'], $connection, $body ) )
			|| self::keep( $connection, $body );
	}

	/**
	 * Asks about a person's data and waits for the answer. Null when Ladenbote cannot be reached from here, is not
	 * itself, or when the way to it would let others read along.
	 *
	 * @param array $question What is asked; `event` names it.
	 */
	public static function ask( array $question ): ?array {
		$connection = Connection::get();
		if ( '' === $connection['name'] || ! self::is_private( $connection['facts_to'] ) ) {
			return null;
		}
		$request = array( 'timeout' => 30, 'redirection' => 0 ) + self::request( $connection, self::body( $question ) );
		$answer  = wp_remote_post( $connection['facts_to'] . '/rights', $request );
		$signed  = 200 === (int) wp_remote_retrieve_response_code( $answer ) && Signature::fits_answer( $connection['secret'], $answer );
		$found   = $signed ? json_decode( wp_remote_retrieve_body( $answer ), true ) : null;
		return is_array( $found ) && ! isset( $found['error'] ) ? $found : null;
	}

	/**
	 * Whether nobody reads along on the way to an address.
	 *
	 * @param string $address Ladenbote's address.
	 */
	private static function is_private( string $address ): bool {
		$host = (string) wp_parse_url( $address, PHP_URL_HOST );
		return 'https' === wp_parse_url( $address, PHP_URL_SCHEME ) || in_array( $host, array( '127.0.0.1', 'localhost', '[::1]' ), true );
	}

	/**
	 * Whether Ladenbote answers at this address, and knows us.
	 *
	 * @param string $address Its address for our reports.
	 */
	public static function reaches( string $address ): bool {
		return self::is_taken( $address, Connection::get(), self::body( array( 'event' => 'ping' ) ) );
	}

	/**
	 * A fact as it travels: two are never alike, so that a replay shows.
	 *
	 * @param array $fact What happened.
	 */
	private static function body( array $fact ): string {
		$more = array(
			'id' => wp_generate_uuid4(),
			'at' => gmdate( 'Y-m-d\TH:i:s\Z', Connection::now() ),
		);
		return (string) wp_json_encode( $fact + $more );
	}

	/**
	 * Posts and waits: true when it was taken.
	 *
	 * @param string $address    Where to.
	 * @param array  $connection The pairing.
	 * @param string $body       The fact.
	 */
	private static function is_taken( string $address, array $connection, string $body ): bool {
		$answer = wp_remote_post( $address, array( 'timeout' => 10, 'redirection' => 0 ) + self::request( $connection, $body ) );
		return 200 === (int) wp_remote_retrieve_response_code( $answer );
	}

	/**
	 * Puts a fact into our own mailbox, signed like any other.
	 *
	 * @param array  $connection The pairing.
	 * @param string $body       The fact.
	 */
	private static function keep( array $connection, string $body ): bool {
		$headers = array_change_key_case( Signature::headers( $connection['secret'], $body ) );
		return Letters::add( 'plugin/' . $connection['name'], $headers, $body );
	}

	/**
	 * Headers and body of a request.
	 *
	 * @param array  $connection The pairing.
	 * @param string $body       The fact.
	 */
	private static function request( array $connection, string $body ): array {
		$headers = Signature::headers( $connection['secret'], $body ) + array( 'Content-Type' => 'application/json' );
		return array(
			'headers' => $headers,
			'body'    => $body,
		);
	}
}
