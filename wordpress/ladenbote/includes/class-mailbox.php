<?php
/**
 * The mailbox: this shop is public under https, its Ladenbote often is not.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/**
 * Takes webhooks in for Ladenbote, which fetches and verifies them (docs/mailbox.md). The mailbox reads no signature and
 * knows no secret of Meta's.
 */
final class Mailbox {

	const ADDRESSES = 'ladenbote_addresses';

	/** The longest webhook taken, in bytes. */
	const LONGEST = 4000000;

	/** Adds the route. Whoever calls is judged by what they bring: a signature, or Meta's verify token. */
	public static function register(): void {
		$open = array( 'permission_callback' => '__return_true' );
		register_rest_route(
			'ladenbote/v1',
			'/mailbox',
			array(
				array(
					'methods'  => 'GET',
					'callback' => array( self::class, 'shake_hands' ),
				) + $open,
				array(
					'methods'  => 'POST',
					'callback' => array( self::class, 'take' ),
				) + $open,
			)
		);
		add_filter( 'rest_pre_serve_request', array( self::class, 'say_plainly' ), 10, 2 );
	}

	/** The address under which this mailbox takes letters. */
	public static function url(): string {
		return rest_url( 'ladenbote/v1/mailbox' );
	}

	/** The addresses that take letters, each with the SHA-256 of its verify token, as Ladenbote last named them. */
	public static function addresses(): array {
		$known = get_option( self::ADDRESSES );
		return is_array( $known ) ? $known : array();
	}

	/**
	 * Meta asks once whether this address is ours: repeats the challenge if the verify token is right.
	 *
	 * @param \WP_REST_Request $request The handshake.
	 */
	public static function shake_hands( \WP_REST_Request $request ): \WP_REST_Response {
		$expected  = self::addresses()[ self::text( $request['to'] ) ] ?? '';
		$challenge = $request['hub_challenge'];
		$right     = '' !== $expected && hash_equals( $expected, hash( 'sha256', self::text( $request['hub_verify_token'] ) ) );
		if ( $right && 'subscribe' === $request['hub_mode'] && is_string( $challenge ) ) {
			return self::plainly( 200, $challenge );
		}
		return self::plainly( 403, 'Wrong verify token, or Ladenbote has not called at this mailbox yet.' );
	}

	/**
	 * A letter, or Ladenbote that fetches them.
	 *
	 * @param \WP_REST_Request $request A POST.
	 */
	public static function take( \WP_REST_Request $request ): \WP_REST_Response {
		$to = self::text( $request->get_query_params()['to'] ?? '' );
		return '' === $to ? self::hand_over( $request ) : self::take_in( $to, $request );
	}

	/**
	 * Meta wants the bare challenge, not JSON.
	 *
	 * @param bool  $served Whether somebody else has answered.
	 * @param mixed $result The answer.
	 */
	public static function say_plainly( $served, $result ): bool {
		if ( $served || ! $result instanceof \WP_REST_Response || ! isset( $result->get_headers()['X-Ladenbote-Plain'] ) ) {
			return (bool) $served;
		}
		header( 'Content-Type: text/plain; charset=utf-8' );
		header( 'X-Content-Type-Options: nosniff' );
		echo $result->get_data(); // phpcs:ignore WordPress.Security.EscapeOutput -- plain text, said to be so.
		return true;
	}

	/**
	 * Keeps one webhook: 200 only after it is stored, 503 when there is no room, so that the sender comes again.
	 *
	 * @param string           $to      The address.
	 * @param \WP_REST_Request $request The webhook.
	 */
	private static function take_in( string $to, \WP_REST_Request $request ): \WP_REST_Response {
		$body    = (string) $request->get_body();
		$headers = self::kept_headers( $request );
		if ( ! isset( self::addresses()[ $to ] ) ) {
			return self::plainly( 404, 'No such address in this mailbox.' );
		}
		if ( strlen( $body ) > self::LONGEST ) {
			return self::plainly( 413, 'Too large.' );
		}
		if ( ! self::is_signed( $headers ) ) {
			return self::is_ping( $body ) ? self::plainly( 200, 'ok' ) : self::plainly( 401, 'Signature missing.' );
		}
		if ( Letters::add( $to, $headers, $body ) ) {
			return self::plainly( 200, 'ok' );
		}
		$full = self::plainly( 503, 'No room for this now, please send again.' );
		$full->header( 'Retry-After', '60' );
		return $full;
	}

	/**
	 * Gives Ladenbote the letters that wait, and throws away those that it has stored.
	 *
	 * @param \WP_REST_Request $request Ladenbote's request.
	 */
	private static function hand_over( \WP_REST_Request $request ): \WP_REST_Response {
		$ask = json_decode( (string) $request->get_body(), true );
		if ( ! is_array( $ask ) || ! Signature::fits( Connection::get()['token'], $request ) ) {
			return Signature::refusal();
		}
		Letters::throw_away( is_array( $ask['done'] ?? null ) ? $ask['done'] : array() );
		Letters::expire();
		self::remember( is_array( $ask['addresses'] ?? null ) ? $ask['addresses'] : array() );
		self::note_visit();
		$letters = Letters::waiting();
		return new \WP_REST_Response(
			array(
				'letters' => $letters,
				'waiting' => Letters::count() - count( $letters ),
				'now'     => Connection::now(),
			)
		);
	}

	/**
	 * Remembers the addresses; anything that is none is left out.
	 *
	 * @param array $given Addresses and hashes.
	 */
	private static function remember( array $given ): void {
		$known = array();
		foreach ( array_slice( $given, 0, 500, true ) as $to => $hash ) {
			if ( preg_match( '#^(meta|hooks)/[a-z0-9-]{1,40}$#', (string) $to ) && is_string( $hash ) ) {
				$known[ $to ] = preg_match( '/^[0-9a-f]{64}$/', $hash ) ? $hash : '';
			}
		}
		if ( $known && self::addresses() !== $known ) {
			update_option( self::ADDRESSES, $known, false );
		}
	}

	/** Notes, at most once a minute, that Ladenbote was here: the settings page shows it. */
	private static function note_visit(): void {
		if ( time() - (int) Connection::get()['asked_at'] > 60 ) {
			Connection::update( array( 'asked_at' => time() ) );
		}
	}

	/**
	 * The headers that a signature check needs, and those that name a webhook; bounded.
	 *
	 * @param \WP_REST_Request $request The webhook.
	 */
	private static function kept_headers( \WP_REST_Request $request ): array {
		$kept = array();
		foreach ( $request->get_headers() as $name => $values ) {
			$plain = str_replace( '_', '-', (string) $name );
			if ( preg_match( '/^x-(hub-signature-256$|wc-webhook-|shopify-)/', $plain ) ) {
				$kept[ $plain ] = substr( implode( ',', (array) $values ), 0, 1000 );
			}
		}
		return array_slice( $kept, 0, 30, true );
	}

	/**
	 * Whether there is a signature at all: it keeps plain noise out.
	 *
	 * @param array $headers Kept headers.
	 */
	private static function is_signed( array $headers ): bool {
		$signatures = array( 'x-hub-signature-256', 'x-wc-webhook-signature', 'x-shopify-hmac-sha256' );
		return (bool) array_intersect_key( array_flip( $signatures ), array_filter( $headers ) );
	}

	/**
	 * WooCommerce tries a new webhook with an unsigned form that says nothing.
	 *
	 * @param string $body The raw body.
	 */
	private static function is_ping( string $body ): bool {
		return (bool) preg_match( '/\Awebhook_id=[0-9]{1,20}\s*\z/', $body );
	}

	/**
	 * An answer in plain text.
	 *
	 * @param int    $status HTTP status.
	 * @param string $text   What to say.
	 */
	private static function plainly( int $status, string $text ): \WP_REST_Response {
		return new \WP_REST_Response( $text, $status, array( 'X-Ladenbote-Plain' => '1' ) );
	}

	/**
	 * A text, empty for anything else.
	 *
	 * @param mixed $value Anything from a request.
	 */
	private static function text( $value ): string {
		return is_string( $value ) ? $value : '';
	}
}
