<?php
/**
 * WordPress' own tools for data exports and erasure.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/**
 * Gives out and erases what the shop itself holds, and passes the request on to Ladenbote, which holds the rest: the
 * ledger of consents, messages, conversations.
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
	 * One page of an export. The first one passes the request on.
	 *
	 * @param string $email Whose data.
	 * @param int    $page  From 1.
	 */
	public static function export( $email, $page = 1 ): array {
		$orders = self::orders( $email, (int) $page );
		$items  = array_values( array_filter( array_map( array( self::class, 'as_item' ), $orders ) ) );
		if ( 1 === (int) $page && Connection::is_open() ) {
			$items[] = self::passed_on( $email );
		}
		return array(
			'data' => $items,
			'done' => count( $orders ) < self::ORDERS_PER_PAGE,
		);
	}

	/**
	 * One page of an erasure. The first one passes the request on.
	 *
	 * @param string $email Whose data.
	 * @param int    $page  From 1.
	 */
	public static function erase( $email, $page = 1 ): array {
		$messages = array();
		$orders   = self::orders( $email, (int) $page );
		$erased   = array_filter( array_map( array( self::class, 'strip' ), $orders ) );
		if ( 1 === (int) $page && Connection::is_open() ) {
			$messages[] = self::ask( 'privacy.erase', $email )
				? __( 'Ladenbote was asked to erase what it holds of this person (messages, conversations, contact).', 'ladenbote' )
				: __( 'Ladenbote could not be asked to erase what it holds of this person. Please ask again, or erase it there.', 'ladenbote' );
		}
		if ( $erased ) {
			$messages[] = __( 'That a consent was given, when, and to which text is kept as proof; who it was is erased from it.', 'ladenbote' );
		}
		return array(
			'items_removed'  => (bool) $erased,
			'items_retained' => (bool) $erased,
			'messages'       => $messages,
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
	 * The row of an export that tells of Ladenbote.
	 *
	 * @param string $email Whose data.
	 */
	private static function passed_on( $email ): array {
		$told = self::ask( 'privacy.export', $email )
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
	 * Asks Ladenbote. True when the request has arrived there, or lies in the mailbox.
	 *
	 * @param string $event What is asked.
	 * @param string $email Whose data.
	 */
	private static function ask( string $event, $email ): bool {
		return Worker::report_surely(
			array(
				'event' => $event,
				'email' => (string) $email,
			)
		);
	}
}
