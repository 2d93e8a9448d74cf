<?php
/**
 * A mailbox for Ladenbote: one file, any web space with PHP 7.4 or newer, no database, no WordPress.
 *
 * Meta and shops need a public https address for their webhooks; a Ladenbote behind a home router has none. This file
 * takes the webhooks in, keeps them as they came, and hands them to the Ladenbote that asks for them and knows the
 * token. It cannot read signatures and holds no other secret: Ladenbote verifies each letter itself.
 *
 * Set up: fill in the two lines below, upload the file, write its address and the same token into settings.toml
 * ([mailboxes.<name>], see docs/mailbox.md). The webhook address of a number is then
 * https://www.example.de/mailbox.php?to=meta/<number>, that of a shop …?to=hooks/<shop>.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Ladenbote\Mailbox;

/** The same long word as in Ladenbote's settings: at least 32 letters and digits that nobody can guess. */
const TOKEN = '';

/** Where the letters lie. A folder outside the web root is best; this one is closed to visitors all the same. */
const FOLDER = __DIR__ . '/ladenbote-letters';

/** The longest webhook taken, in bytes; Meta's are at most 3 MB long. */
const LONGEST = 4000000;

/** How many letters are kept for one address: a flood at one must not close the others. */
const MOST_LETTERS = 500;

/** How many bytes are kept in all. */
const MOST_BYTES = 64000000;

/** How many seconds a letter is kept: seven days. */
const KEPT = 604800;

/** How many seconds Ladenbote's clock and this one may differ. */
const WINDOW = 300;

/** How many letters, and bytes, are handed over at a time. */
const LETTERS_AT_A_TIME = 100;
const BYTES_AT_A_TIME   = 8000000;

/** Letters and lists are PHP files that end at once: a visitor who finds one sees nothing. */
const CLOSED = "<?php exit; ?>\n";

main();

/** Answers this request. */
function main(): void {
	ini_set( 'display_errors', '0' );
	$method = $_SERVER['REQUEST_METHOD'] ?? '';
	$to     = is_string( $_GET['to'] ?? null ) ? $_GET['to'] : '';
	if ( strlen( TOKEN ) < 32 ) {
		answer( 503, 'This mailbox is not set up yet: its token is missing or shorter than 32 characters.' );
	} elseif ( 'GET' === $method ) {
		shake_hands( $to );
	} elseif ( 'POST' === $method ) {
		'' === $to ? hand_over() : take_in( $to );
	} else {
		answer( 405, 'Only GET and POST are taken here.', array( 'Allow: GET, POST' ) );
	}
}

/** Meta asks once whether this address is ours: repeats the challenge if the verify token is right. */
function shake_hands( string $to ): void {
	$expected = addresses()[ $to ] ?? '';
	$given    = is_string( $_GET['hub_verify_token'] ?? null ) ? $_GET['hub_verify_token'] : '';
	$wanted   = 'subscribe' === ( $_GET['hub_mode'] ?? '' ) && is_string( $_GET['hub_challenge'] ?? null );
	if ( $wanted && '' !== $expected && hash_equals( $expected, hash( 'sha256', $given ) ) ) {
		answer( 200, $_GET['hub_challenge'] );
	} else {
		answer( 403, 'Wrong verify token, or Ladenbote has not called at this mailbox yet.' );
	}
}

/** Keeps one webhook: 200 only after it is stored, 503 when there is no room, so that the sender comes again. */
function take_in( string $to ): void {
	$body    = (string) file_get_contents( 'php://input', false, null, 0, LONGEST + 1 );
	$headers = kept_headers();
	if ( ! isset( addresses()[ $to ] ) ) {
		answer( 404, 'No such address in this mailbox.' );
	} elseif ( strlen( $body ) > LONGEST ) {
		answer( 413, 'Too large.' );
	} elseif ( ! is_signed( $headers ) ) {
		is_ping( $body ) ? answer( 200, 'ok' ) : answer( 401, 'Signature missing.' );
	} elseif ( locked( static fn() => has_room( $to, strlen( $body ) ) && store( $to, $headers, $body ) ) ) {
		answer( 200, 'ok' );
	} else {
		answer( 503, 'No room for this now, please send again.', array( 'Retry-After: 60' ) );
	}
}

/** Gives Ladenbote the letters that wait, and throws away those that it has stored. */
function hand_over(): void {
	$body = (string) file_get_contents( 'php://input', false, null, 0, 1000001 );
	$ask  = is_ladenbote( $body ) ? json_decode( $body, true ) : null;
	if ( ! is_array( $ask ) ) {
		answer_json( 401, array( 'error' => 'unsigned', 'now' => time() ) );
		return;
	}
	$given = locked(
		static function () use ( $ask ) {
			throw_away( list_of( $ask['done'] ?? null ) );
			remember_addresses( list_of( $ask['addresses'] ?? null ) );
			return waiting_letters();
		}
	);
	is_array( $given ) ? answer_json( 200, $given + array( 'now' => time() ) ) : answer_json( 503, array( 'error' => 'folder' ) );
}

/** Whether the request was signed with the token, at about this time. */
function is_ladenbote( string $body ): bool {
	$timestamp = (string) ( $_SERVER['HTTP_X_LADENBOTE_TIMESTAMP'] ?? '' );
	$expected  = 'v1=' . hash_hmac( 'sha256', $timestamp . '.' . $body, TOKEN );
	$given     = (string) ( $_SERVER['HTTP_X_LADENBOTE_SIGNATURE'] ?? '' );
	return ctype_digit( $timestamp ) && hash_equals( $expected, $given ) && abs( time() - (int) $timestamp ) <= WINDOW;
}

/** The headers that a signature check needs, and those that name a webhook; lower case, bounded. */
function kept_headers(): array {
	$kept = array();
	foreach ( $_SERVER as $name => $value ) {
		$plain = strtolower( str_replace( '_', '-', substr( (string) $name, 5 ) ) );
		if ( 0 === strpos( (string) $name, 'HTTP_' ) && preg_match( '/^x-(hub-signature-256$|wc-webhook-|shopify-)/', $plain ) ) {
			$kept[ $plain ] = substr( (string) $value, 0, 1000 );
		}
	}
	return array_slice( $kept, 0, 30, true );
}

/** Whether there is a signature at all: it keeps plain noise out. */
function is_signed( array $headers ): bool {
	$signatures = array( 'x-hub-signature-256', 'x-wc-webhook-signature', 'x-shopify-hmac-sha256' );
	return (bool) array_intersect_key( array_flip( $signatures ), array_filter( $headers ) );
}

/** WooCommerce tries a new webhook with an unsigned form that says nothing. */
function is_ping( string $body ): bool {
	return (bool) preg_match( '/\Awebhook_id=[0-9]{1,20}\s*\z/', $body );
}

/** Whether a letter of this size fits, after the old ones have gone. */
function has_room( string $to, int $size ): bool {
	$mine  = 0;
	$bytes = $size;
	foreach ( letters() as $letter ) {
		$mine  += $letter['mark'] === mark( $to ) ? 1 : 0;
		$bytes += $letter['size'];
	}
	return $mine < MOST_LETTERS && $bytes <= MOST_BYTES;
}

/** Writes a letter so that it is there whole or not at all. */
function store( string $to, array $headers, string $body ): bool {
	$letter = array(
		'to'          => $to,
		'received_at' => time(),
		'headers'     => $headers,
		'body'        => base64_encode( $body ),
	);
	$name   = sprintf( '%016d-%s-%d-%s', (int) ( microtime( true ) * 1e6 ), bin2hex( random_bytes( 6 ) ), strlen( $body ), mark( $to ) );
	return write_whole( "letter-$name.php", $letter );
}

/** The letters that wait, the oldest first, as many as fit into one answer. */
function waiting_letters(): array {
	$all   = letters();
	$given = array();
	$bytes = 0;
	foreach ( $all as $letter ) {
		$bytes += $letter['size'];
		if ( count( $given ) >= LETTERS_AT_A_TIME || ( $given && $bytes > BYTES_AT_A_TIME ) ) {
			break;
		}
		$given[] = array( 'id' => $letter['id'] ) + read_whole( "letter-{$letter['id']}.php" );
	}
	return array(
		'letters' => $given,
		'waiting' => count( $all ) - count( $given ),
	);
}

/** What lies in the folder: id, size and mark of each letter. Those that are too old go. */
function letters(): array {
	$found = array();
	foreach ( scandir( folder() ) ?: array() as $file ) {
		if ( ! preg_match( '/^letter-(([0-9]{16})-[0-9a-f]{12}-([0-9]+)-([0-9a-f]{12}))\.php$/', $file, $part ) ) {
			continue;
		}
		if ( (int) $part[2] / 1e6 < time() - KEPT ) {
			unlink( folder() . "/$file" );
			continue;
		}
		$found[] = array(
			'id'   => $part[1],
			'size' => (int) $part[3],
			'mark' => $part[4],
		);
	}
	return $found;
}

/** Removes letters that Ladenbote has stored. */
function throw_away( array $ids ): void {
	foreach ( $ids as $id ) {
		if ( is_string( $id ) && preg_match( '/^[0-9]{16}-[0-9a-f]{12}-[0-9]+-[0-9a-f]{12}$/', $id ) ) {
			$file = folder() . "/letter-$id.php";
			is_file( $file ) && unlink( $file );
		}
	}
}

/** The addresses that take letters, each with the SHA-256 of its verify token, as Ladenbote last named them. */
function addresses(): array {
	return read_whole( 'addresses.php' );
}

/** Remembers the addresses; anything that is none is left out. */
function remember_addresses( array $given ): void {
	$known = array();
	foreach ( array_slice( $given, 0, 500, true ) as $to => $hash ) {
		if ( preg_match( '#^(meta|hooks)/[a-z0-9-]{1,40}$#', (string) $to ) && is_string( $hash ) ) {
			$known[ $to ] = preg_match( '/^[0-9a-f]{64}$/', $hash ) ? $hash : '';
		}
	}
	if ( $known && addresses() !== $known ) {
		write_whole( 'addresses.php', $known );
	}
}

/** A short mark of an address, for file names. */
function mark( string $to ): string {
	return substr( hash( 'sha256', $to ), 0, 12 );
}

/** The folder of the letters; made, and closed to visitors, when it is not there yet. */
function folder(): string {
	if ( ! is_dir( FOLDER ) ) {
		mkdir( FOLDER, 0700, true );
		file_put_contents( FOLDER . '/.htaccess', "Require all denied\n" );
		file_put_contents( FOLDER . '/index.php', CLOSED );
	}
	return FOLDER;
}

/** Does something while nobody else does. */
function locked( callable $work ) {
	$lock = fopen( folder() . '/lock.php', 'c' );
	if ( false === $lock || ! flock( $lock, LOCK_EX ) ) {
		return false;
	}
	try {
		return $work();
	} finally {
		flock( $lock, LOCK_UN );
		fclose( $lock );
	}
}

/** Writes data into a closed file: on the disk, then under its name. */
function write_whole( string $name, array $data ): bool {
	$path = folder() . "/$name";
	$file = fopen( "$path.new", 'wb' );
	if ( false === $file ) {
		return false;
	}
	$text  = CLOSED . json_encode( $data, JSON_INVALID_UTF8_SUBSTITUTE );
	$whole = fwrite( $file, $text ) === strlen( $text ) && fflush( $file ) && ( ! function_exists( 'fsync' ) || fsync( $file ) );
	fclose( $file );
	return $whole && rename( "$path.new", $path );
}

/** The data of a closed file, nothing when there is none. */
function read_whole( string $name ): array {
	$path = folder() . "/$name";
	$text = is_file( $path ) ? (string) file_get_contents( $path ) : '';
	return list_of( json_decode( substr( $text, strlen( CLOSED ) ), true ) );
}

/** An array, empty for anything else. */
function list_of( $value ): array {
	return is_array( $value ) ? $value : array();
}

/** Answers with a text. */
function answer( int $status, string $text, array $headers = array() ): void {
	http_response_code( $status );
	foreach ( array_merge( array( 'Content-Type: text/plain; charset=utf-8', 'X-Content-Type-Options: nosniff', 'Cache-Control: no-store' ), $headers ) as $header ) {
		header( $header );
	}
	echo $text;
}

/** Answers with JSON. */
function answer_json( int $status, array $data ): void {
	http_response_code( $status );
	header( 'Content-Type: application/json' );
	header( 'Cache-Control: no-store' );
	echo json_encode( $data );
}
