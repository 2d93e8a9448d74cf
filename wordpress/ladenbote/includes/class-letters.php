<?php
/**
 * The table of letters: webhooks and reports that wait until Ladenbote fetches them.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** Keeps letters: bounded in number and size, for seven days. */
final class Letters {

	const SCHEMA = 1;

	/** How many letters are kept for one address: a flood at one must not close the others. */
	const MOST = 500;

	/** How many bytes are kept in all. */
	const MOST_BYTES = 64000000;

	/** How many letters, and bytes, are handed over at a time. */
	const AT_A_TIME       = 100;
	const BYTES_AT_A_TIME = 8000000;

	/** How many seconds a letter is kept. */
	const KEPT = 604800;

	/** Makes or updates the table. */
	public static function make_table(): void {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$table   = self::table();
		$charset = $wpdb->get_charset_collate();
		dbDelta(
			"CREATE TABLE $table (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			address varchar(60) NOT NULL,
			received_at int(10) unsigned NOT NULL,
			size int(10) unsigned NOT NULL,
			headers text NOT NULL,
			body longtext NOT NULL,
			PRIMARY KEY  (id),
			KEY address (address)
			) $charset;"
		);
		update_option( 'ladenbote_schema', self::SCHEMA );
	}

	/** An update of the plugin does not activate it anew. */
	public static function update_table(): void {
		if ( (int) get_option( 'ladenbote_schema' ) !== self::SCHEMA ) {
			self::make_table();
		}
	}

	/**
	 * Keeps a letter. False when there is no room, or the database refuses.
	 *
	 * @param string $to      The address, like meta/nummer.
	 * @param array  $headers Headers worth keeping.
	 * @param string $body    The raw bytes.
	 */
	public static function add( string $to, array $headers, string $body ): bool {
		global $wpdb;
		if ( ! self::has_room( $to, strlen( $body ) ) ) {
			return false;
		}
		$row = array(
			'address'     => $to,
			'received_at' => Connection::now(),
			'size'        => strlen( $body ),
			'headers'     => (string) wp_json_encode( $headers ),
			'body'        => base64_encode( $body ), // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- raw bytes.
		);
		return 1 === $wpdb->insert( self::table(), $row, array( '%s', '%d', '%d', '%s', '%s' ) );
	}

	/** The letters that wait, the oldest first, as many as fit into one answer. */
	public static function waiting(): array {
		global $wpdb;
		$table = self::table();
		$sizes = $wpdb->get_results( $wpdb->prepare( "SELECT id, size FROM $table ORDER BY id LIMIT %d", self::AT_A_TIME ) ); // phpcs:ignore WordPress.DB.PreparedSQL
		$ids   = self::that_fit( is_array( $sizes ) ? $sizes : array() );
		$rows  = array();
		if ( $ids ) {
			$marks = implode( ',', array_fill( 0, count( $ids ), '%d' ) );
			$rows  = $wpdb->get_results( $wpdb->prepare( "SELECT id, address, received_at, headers, body FROM $table WHERE id IN ($marks) ORDER BY id", $ids ) ); // phpcs:ignore WordPress.DB
		}
		return array_map( array( self::class, 'as_letter' ), $rows );
	}

	/** How many letters lie here. */
	public static function count(): int {
		global $wpdb;
		return (int) $wpdb->get_var( 'SELECT COUNT(*) FROM ' . self::table() ); // phpcs:ignore WordPress.DB
	}

	/**
	 * Throws letters away that Ladenbote has stored.
	 *
	 * @param array $ids What Ladenbote says it has.
	 */
	public static function throw_away( array $ids ): void {
		global $wpdb;
		foreach ( array_slice( $ids, 0, 1000 ) as $id ) {
			if ( is_string( $id ) && ctype_digit( $id ) ) {
				$wpdb->delete( self::table(), array( 'id' => $id ), array( '%d' ) );
			}
		}
	}

	/** Throws away what is too old. */
	public static function expire(): void {
		global $wpdb;
		$table = self::table();
		$wpdb->query( $wpdb->prepare( "DELETE FROM $table WHERE received_at < %d", Connection::now() - self::KEPT ) ); // phpcs:ignore WordPress.DB
	}

	/** The table's name. */
	public static function table(): string {
		global $wpdb;
		return $wpdb->prefix . 'ladenbote_letters';
	}

	/**
	 * Whether a letter of this size fits, after the old ones have gone if need be.
	 *
	 * @param string $to   The address.
	 * @param int    $size Bytes.
	 */
	private static function has_room( string $to, int $size ): bool {
		if ( self::fits( $to, $size ) ) {
			return true;
		}
		self::expire();
		return self::fits( $to, $size );
	}

	/**
	 * Whether a letter of this size fits now.
	 *
	 * @param string $to   The address.
	 * @param int    $size Bytes.
	 */
	private static function fits( string $to, int $size ): bool {
		global $wpdb;
		$table = self::table();
		$mine  = (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM $table WHERE address = %s", $to ) ); // phpcs:ignore WordPress.DB
		$bytes = (int) $wpdb->get_var( "SELECT COALESCE(SUM(size), 0) FROM $table" ); // phpcs:ignore WordPress.DB
		return $mine < self::MOST && $bytes + $size <= self::MOST_BYTES;
	}

	/**
	 * The ids that fit into one answer, at least one.
	 *
	 * @param array $sizes Rows with id and size.
	 */
	private static function that_fit( array $sizes ): array {
		$ids   = array();
		$bytes = 0;
		foreach ( $sizes as $row ) {
			$bytes += (int) $row->size;
			if ( $ids && $bytes > self::BYTES_AT_A_TIME ) {
				break;
			}
			$ids[] = (int) $row->id;
		}
		return $ids;
	}

	/**
	 * A row as it is handed over.
	 *
	 * @param object $row A row of the table.
	 */
	private static function as_letter( $row ): array {
		return array(
			'id'          => (string) $row->id,
			'to'          => $row->address,
			'received_at' => (int) $row->received_at,
			'headers'     => (object) json_decode( $row->headers, true ),
			'body'        => $row->body,
		);
	}
}
