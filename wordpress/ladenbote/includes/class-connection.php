<?php
/**
 * What was agreed with the Ladenbote that this shop is paired with.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** The pairing: secrets, the worker's address, and how far its clock is from ours. */
final class Connection {

	const OPTION = 'ladenbote_connection';
	const KEY    = 'ladenbote_key';

	/**
	 * Everything that is known of the connection.
	 *
	 * The token signs what Ladenbote asks of us, the secret what we report to it. facts_to is Ladenbote's own address
	 * for our reports, empty when we cannot reach it; name is what it calls this shop; ahead is how many seconds its
	 * clock is ahead of ours.
	 */
	public static function get(): array {
		$empty = array(
			'token'     => '',
			'secret'    => '',
			'facts_to'  => '',
			'name'      => '',
			'ahead'     => 0,
			'paired_at' => 0,
			'asked_at'  => 0,
		);
		$found = get_option( self::OPTION );
		return is_array( $found ) ? array_merge( $empty, array_intersect_key( $found, $empty ) ) : $empty;
	}

	/**
	 * Changes some of it.
	 *
	 * @param array $changes Names and new values.
	 */
	public static function update( array $changes ): void {
		update_option( self::OPTION, array_merge( self::get(), $changes ), false );
	}

	/** Forgets the pairing. */
	public static function end(): void {
		delete_option( self::OPTION );
	}

	/** Whether this shop is paired and Ladenbote has called. */
	public static function is_open(): bool {
		return '' !== self::get()['name'];
	}

	/** The time by Ladenbote's clock: a shop whose own clock is wrong still signs and judges rightly. */
	public static function now(): int {
		return time() + (int) self::get()['ahead'];
	}

	/** A key of our own, which never leaves the shop: it signs recovery links. */
	public static function key(): string {
		$key = get_option( self::KEY );
		if ( ! is_string( $key ) || 64 !== strlen( $key ) ) {
			$key = bin2hex( random_bytes( 32 ) );
			update_option( self::KEY, $key, false );
		}
		return $key;
	}
}
