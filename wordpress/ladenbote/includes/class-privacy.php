<?php
/**
 * WordPress' own tools for data exports and erasure.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/**
 * Gives out and erases what the shop itself holds, and what Ladenbote holds: the ledger of consents, messages,
 * conversations. When Ladenbote cannot be asked now, or somebody has to look first, it keeps the request.
 */
final class Privacy {

	const ORDERS_PER_PAGE = 20;

	/** What of the evidence says who it was. The fact of the consent stays: the shop must be able to prove it. */
	const PERSONAL = array( 'ip', 'user_agent', 'phone', 'page' );

	/** Adds the hooks. */
	public static function start(): void {
		add_filter( 'wp_privacy_personal_data_exporters', array( self::class, 'add_exporter' ) );
		add_filter( 'wp_privacy_personal_data_erasers', array( self::class, 'add_eraser' ) );
		add_action( 'admin_init', array( self::class, 'propose_policy' ) );
	}

	/**
	 * Adds our exporter.
	 *
	 * @param array $exporters Everybody's.
	 */
	public static function add_exporter( $exporters ): array {
		$exporters['ladenbote'] = array(
			'exporter_friendly_name' => __( 'WhatsApp consents (Ladenbote)', 'ladenbote' ),
			'callback'               => array( self::class, 'export' ),
		);
		return $exporters;
	}

	/**
	 * Adds our eraser.
	 *
	 * @param array $erasers Everybody's.
	 */
	public static function add_eraser( $erasers ): array {
		$erasers['ladenbote'] = array(
			'eraser_friendly_name' => __( 'WhatsApp consents (Ladenbote)', 'ladenbote' ),
			'callback'             => array( self::class, 'erase' ),
		);
		return $erasers;
	}

	/**
	 * One page of an export: of what the shop holds, and of what Ladenbote holds.
	 *
	 * @param string $email Whose data.
	 * @param int    $page  From 1.
	 * @return array|\WP_Error
	 */
	public static function export( $email, $page = 1 ) {
		$page   = max( 1, (int) $page );
		$orders = self::orders( $email, $page );
		$items  = array_values( array_filter( array_map( array( self::class, 'as_item' ), $orders ) ) );
		$theirs = Connection::is_open() ? self::copy_of( (string) $email, $page ) : array( 'items' => array(), 'done' => true );
		if ( null === $theirs && $page > 1 ) {
			return new \WP_Error( 'ladenbote', __( 'Ladenbote did not answer in the middle of the export. Please start it again.', 'ladenbote' ) );
		}
		if ( null === $theirs ) {
			$items[] = self::passed_on( $email );
		}
		return array(
			'data' => array_merge( $items, $theirs['items'] ?? array() ),
			'done' => count( $orders ) < self::ORDERS_PER_PAGE && ( $theirs['done'] ?? true ),
		);
	}

	/**
	 * One page of an erasure. The first one asks Ladenbote.
	 *
	 * @param string $email Whose data.
	 * @param int    $page  From 1.
	 */
	public static function erase( $email, $page = 1 ): array {
		$orders = self::orders( $email, (int) $page );
		$erased = (bool) array_filter( array_map( array( self::class, 'strip' ), $orders ) );
		$theirs = 1 === (int) $page && Connection::is_open() ? self::erasure_of( (string) $email ) : array();
		$kept   = $erased
			? array( __( 'That a consent was given, when, and to which text is kept as proof; who it was is erased from it.', 'ladenbote' ) )
			: array();
		return array(
			'items_removed'  => $erased || ( $theirs['removed'] ?? false ),
			'items_retained' => $erased || ( $theirs['retained'] ?? false ),
			'messages'       => array_merge( $theirs['messages'] ?? array(), $kept ),
			'done'           => count( $orders ) < self::ORDERS_PER_PAGE,
		);
	}

	/** A proposal for the shop's privacy policy. */
	public static function propose_policy(): void {
		wp_add_privacy_policy_content(
			'Ladenbote',
			wp_kses_post( wpautop( __( 'If you agree to it in the checkout, we send you messages about your order, and offers if you agreed to those as well, by WhatsApp. As proof we store that you agreed, when, to which text, the phone number, IP address and browser. We use our own Ladenbote for this, and the WhatsApp Business Platform of Meta. You can stop at any time by replying STOP.', 'ladenbote' ) ) )
		);
	}

	/**
	 * A person's orders, the oldest first.
	 *
	 * @param string $email Whose.
	 * @param int    $page  From 1.
	 */
	private static function orders( $email, int $page ): array {
		if ( ! function_exists( 'wc_get_orders' ) ) {
			return array();
		}
		$found = wc_get_orders(
			array(
				'billing_email' => $email,
				'limit'         => self::ORDERS_PER_PAGE,
				'page'          => max( 1, $page ),
				'orderby'       => 'ID',
				'order'         => 'ASC',
				'type'          => 'shop_order',
			)
		);
		return is_array( $found ) ? $found : array();
	}

	/**
	 * The evidence in an order, as WordPress exports it.
	 *
	 * @param \WC_Order $order An order.
	 */
	private static function as_item( $order ): ?array {
		$evidence = $order->get_meta( Consent::META );
		if ( ! is_array( $evidence ) ) {
			return null;
		}
		return array(
			'group_id'    => 'ladenbote',
			'group_label' => __( 'WhatsApp consents', 'ladenbote' ),
			'item_id'     => 'ladenbote-order-' . $order->get_id(),
			'data'        => self::rows( $evidence ),
		);
	}

	/**
	 * Evidence as rows of name and value.
	 *
	 * @param array  $evidence What is stored.
	 * @param string $prefix   In front of the names.
	 */
	private static function rows( array $evidence, string $prefix = '' ): array {
		$rows = array();
		foreach ( $evidence as $name => $value ) {
			if ( is_array( $value ) && 'marketing' === $name ) {
				$rows = array_merge( $rows, self::rows( $value, 'marketing ' ) );
				continue;
			}
			$text   = is_bool( $value ) ? ( $value ? __( 'yes', 'ladenbote' ) : __( 'no', 'ladenbote' ) ) : implode( ', ', array_map( 'strval', (array) $value ) );
			$rows[] = array(
				'name'  => $prefix . $name,
				'value' => esc_html( $text ),
			);
		}
		return $rows;
	}

	/**
	 * Takes who it was out of an order's evidence. True when there was something.
	 *
	 * @param \WC_Order $order An order.
	 */
	private static function strip( $order ): bool {
		$evidence = $order->get_meta( Consent::META );
		if ( ! is_array( $evidence ) || ! array_filter( array_intersect_key( $evidence, array_flip( self::PERSONAL ) ) ) ) {
			return false;
		}
		foreach ( self::PERSONAL as $name ) {
			$evidence[ $name ] = '';
		}
		$order->update_meta_data( Consent::META, $evidence );
		$order->save_meta_data();
		return true;
	}

	/**
	 * One page of what Ladenbote holds, in WordPress' form; null when it did not answer.
	 *
	 * @param string $email Whose data.
	 * @param int    $page  From 1.
	 */
	private static function copy_of( string $email, int $page ): ?array {
		$answer = Worker::ask( array( 'event' => 'privacy.export', 'email' => $email, 'page' => $page ) );
		if ( ! is_array( $answer['items'] ?? null ) ) {
			return null;
		}
		return array(
			'items' => array_map( array( self::class, 'as_theirs' ), array_values( array_filter( $answer['items'], 'is_array' ) ) ),
			'done'  => (bool) ( $answer['done'] ?? true ),
		);
	}

	/**
	 * An item of Ladenbote's, as WordPress exports it.
	 *
	 * @param array $item Group, label, id, and rows of name and value.
	 */
	private static function as_theirs( array $item ): array {
		$rows = array();
		foreach ( (array) ( $item['rows'] ?? array() ) as $row ) {
			$rows[] = array(
				'name'  => sanitize_text_field( (string) ( $row[0] ?? '' ) ),
				'value' => nl2br( esc_html( (string) ( $row[1] ?? '' ) ) ),
			);
		}
		return array(
			'group_id'    => sanitize_key( (string) ( $item['group'] ?? 'ladenbote' ) ),
			'group_label' => sanitize_text_field( (string) ( $item['label'] ?? '' ) ),
			'item_id'     => 'ladenbote-' . sanitize_key( (string) ( $item['id'] ?? '' ) ),
			'data'        => $rows,
		);
	}

	/**
	 * What became of the erasure in Ladenbote. When it did not answer, the request waits for it.
	 *
	 * @param string $email Whose data.
	 */
	private static function erasure_of( string $email ): array {
		$answer = Worker::ask( array( 'event' => 'privacy.erase', 'email' => $email ) );
		if ( is_array( $answer['messages'] ?? null ) ) {
			$answer['messages'] = array_map( 'sanitize_text_field', array_filter( $answer['messages'], 'is_string' ) );
			return $answer;
		}
		$told = self::pass_on( 'privacy.erase', $email )
			? __( 'Ladenbote does not answer now. It was asked to erase what it holds of this person (messages, conversations, contact), and keeps the request with its day.', 'ladenbote' )
			: __( 'Ladenbote could not be asked to erase what it holds of this person. Please ask again, or erase it there.', 'ladenbote' );
		return array(
			'retained' => true,
			'messages' => array( $told ),
		);
	}

	/**
	 * The row of an export that tells of Ladenbote, which could not be asked.
	 *
	 * @param string $email Whose data.
	 */
	private static function passed_on( $email ): array {
		$told = self::pass_on( 'privacy.export', $email )
			? __( 'This request was passed on to Ladenbote, which holds consents, messages and conversations. The shop sends you that part separately.', 'ladenbote' )
			: __( 'This request could not be passed on to Ladenbote. Please ask the shop for that part.', 'ladenbote' );
		return array(
			'group_id'    => 'ladenbote',
			'group_label' => __( 'WhatsApp consents', 'ladenbote' ),
			'item_id'     => 'ladenbote-request',
			'data'        => array(
				array(
					'name'  => __( 'WhatsApp messages', 'ladenbote' ),
					'value' => $told,
				),
			),
		);
	}

	/**
	 * Hands a request to Ladenbote that it answers later. True when it has arrived there, or lies in the mailbox.
	 *
	 * @param string $event What is asked.
	 * @param string $email Whose data.
	 */
	private static function pass_on( string $event, $email ): bool {
		return Worker::report_surely(
			array(
				'event' => $event,
				'email' => (string) $email,
			)
		);
	}
}
