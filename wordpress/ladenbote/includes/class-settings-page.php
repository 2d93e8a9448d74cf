<?php
/**
 * The settings page.
 *
 * @package Ladenbote
 */

namespace Ladenbote;

defined( 'ABSPATH' ) || exit;

/** Connection, boxes and carts, under Settings. */
final class Settings_Page {

	const SLUG       = 'ladenbote';
	const CAPABILITY = 'manage_options';

	/** The code that was just asked for. It stands nowhere but on the page. @var string */
	private static $code = '';

	/** Adds the hooks. */
	public static function start(): void {
		add_action( 'admin_menu', array( self::class, 'add_page' ) );
		add_action( 'admin_init', array( self::class, 'register' ) );
		add_action( 'admin_post_ladenbote_disconnect', array( self::class, 'disconnect' ) );
		add_filter( 'plugin_action_links_' . plugin_basename( FILE ), array( self::class, 'add_link' ) );
	}

	/** Adds the page to the menu. */
	public static function add_page(): void {
		$page = add_options_page( 'Ladenbote', 'Ladenbote', self::CAPABILITY, self::SLUG, array( self::class, 'show' ) );
		add_action( "load-$page", array( self::class, 'pair' ) );
	}

	/** WordPress stores the form, through our sieve. */
	public static function register(): void {
		register_setting( self::SLUG, Settings::OPTION, array( 'sanitize_callback' => array( Settings::class, 'sanitize' ) ) );
	}

	/**
	 * A link in the list of plugins.
	 *
	 * @param array $links Everybody's.
	 */
	public static function add_link( $links ): array {
		return array_merge( array( sprintf( '<a href="%s">%s</a>', esc_url( self::url() ), esc_html__( 'Settings', 'ladenbote' ) ) ), $links );
	}

	/** Makes a pairing code when the button was pressed, before the page begins. */
	public static function pair(): void {
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- guard() is about to check it.
		if ( isset( $_POST['action'] ) && 'ladenbote_pair' === $_POST['action'] ) {
			self::guard( 'ladenbote_pair' );
			self::$code = Pairing::new_code();
		}
	}

	/** Ends the pairing. Letters that wait stay for seven days. */
	public static function disconnect(): void {
		self::guard( 'ladenbote_disconnect' );
		Connection::end();
		delete_option( Pairing::OPTION );
		delete_option( Mailbox::ADDRESSES );
		wp_safe_redirect( self::url() );
		exit;
	}

	/** The page. */
	public static function show(): void {
		if ( ! current_user_can( self::CAPABILITY ) ) {
			return;
		}
		echo '<div class="wrap"><h1>Ladenbote</h1>';
		self::show_connection();
		if ( class_exists( 'WooCommerce' ) ) {
			self::show_choices();
		} else {
			self::say( __( 'WooCommerce is not active. The mailbox works without it; boxes and carts need it.', 'ladenbote' ) );
		}
		echo '</div>';
	}

	/** Whether we are paired, and how to. */
	private static function show_connection(): void {
		$connection = Connection::get();
		printf( '<h2>%s</h2>', esc_html__( 'Connection', 'ladenbote' ) );
		if ( ! Connection::is_open() ) {
			self::say( __( 'This shop is not connected to a Ladenbote yet.', 'ladenbote' ) );
		} else {
			self::say(
				'' === $connection['facts_to']
					? __( 'Connected. Ladenbote fetches everything from the mailbox of this shop.', 'ladenbote' )
					: __( 'Connected. This shop reaches Ladenbote directly.', 'ladenbote' )
			);
			self::show_mailbox( (int) $connection['asked_at'] );
		}
		self::show_code();
		self::button( self::url(), 'ladenbote_pair', Connection::is_open() ? __( 'Pair anew', 'ladenbote' ) : __( 'Show a pairing code', 'ladenbote' ) );
		if ( '' !== $connection['token'] ) {
			self::button( admin_url( 'admin-post.php' ), 'ladenbote_disconnect', __( 'Disconnect', 'ladenbote' ) );
		}
	}

	/** The new code, if there is one. */
	private static function show_code(): void {
		if ( '' === self::$code ) {
			return;
		}
		printf(
			'<div class="notice notice-info inline"><p>%s</p><p><code class="ladenbote-code" style="word-break:break-all">%s</code></p><p>%s</p></div>',
			esc_html__( 'Your pairing code:', 'ladenbote' ),
			esc_html( self::$code ),
			esc_html__( 'On the machine of your Ladenbote run "ladenbote pair" and paste it there. It works once, for one hour, and is not shown again.', 'ladenbote' )
		);
		if ( 0 !== strpos( rest_url(), 'https://' ) ) {
			self::say( __( 'The address of this shop does not begin with https. Use this only inside your own network.', 'ladenbote' ) );
		}
	}

	/**
	 * The mailbox: when it was emptied, and its addresses.
	 *
	 * @param int $asked_at When Ladenbote last asked, Unix seconds.
	 */
	private static function show_mailbox( int $asked_at ): void {
		$asked = $asked_at
			/* translators: %s: a time span like "3 minutes" */
			? sprintf( __( 'Ladenbote last asked %s ago.', 'ladenbote' ), human_time_diff( $asked_at ) )
			: __( 'Ladenbote has not asked yet.', 'ladenbote' );
		/* translators: %d: a number */
		self::say( $asked . ' ' . sprintf( __( 'Letters in the mailbox: %d.', 'ladenbote' ), Letters::count() ) );
		$addresses = array_keys( Mailbox::addresses() );
		if ( $addresses ) {
			printf( '<details><summary>%s</summary><ul>', esc_html__( 'Webhook addresses of the mailbox, for a Ladenbote without a public address', 'ladenbote' ) );
			foreach ( $addresses as $to ) {
				printf( '<li><code>%s</code></li>', esc_html( add_query_arg( 'to', $to, Mailbox::url() ) ) );
			}
			echo '</ul></details>';
		}
	}

	/** The form. */
	private static function show_choices(): void {
		$settings = Settings::get();
		printf( '<form method="post" action="%s">', esc_url( admin_url( 'options.php' ) ) );
		settings_fields( self::SLUG );
		printf( '<h2>%s</h2>', esc_html__( 'Boxes in the checkout', 'ladenbote' ) );
		self::say( __( 'Both boxes are unticked and voluntary. The text has to name WhatsApp and your shop, and say how to stop; which text suffices is a question for your lawyer. An empty text hides the box.', 'ladenbote' ) );
		echo '<table class="form-table" role="presentation">';
		self::text_row( 'orders_wording', __( 'Messages about the order', 'ladenbote' ), $settings['orders_wording'], '' );
		self::text_row( 'marketing_wording', __( 'Offers and reminders', 'ladenbote' ), $settings['marketing_wording'], Settings::default_marketing_wording() );
		self::purposes_row( $settings['purposes'] );
		self::carts_row( $settings['carts'] );
		echo '</table>';
		submit_button();
		echo '</form>';
	}

	/**
	 * A text.
	 *
	 * @param string $name        Setting.
	 * @param string $label       What it is.
	 * @param string $value       What it is now.
	 * @param string $placeholder A proposal.
	 */
	private static function text_row( string $name, string $label, string $value, string $placeholder ): void {
		printf(
			'<tr><th scope="row"><label for="ladenbote_%1$s">%2$s</label></th><td><textarea class="large-text" rows="3" maxlength="1000" id="ladenbote_%1$s" name="%3$s[%1$s]" placeholder="%4$s">%5$s</textarea></td></tr>',
			esc_attr( $name ),
			esc_html( $label ),
			esc_attr( Settings::OPTION ),
			esc_attr( $placeholder ),
			esc_textarea( $value )
		);
	}

	/**
	 * What the second box is for.
	 *
	 * @param array $chosen Purposes.
	 */
	private static function purposes_row( array $chosen ): void {
		$labels = array(
			'marketing_offers' => __( 'offers and vouchers', 'ladenbote' ),
			'marketing_news'   => __( 'news and invitations', 'ladenbote' ),
			'cart_reminder'    => __( 'reminders of a cart', 'ladenbote' ),
			'review_request'   => __( 'requests for a review', 'ladenbote' ),
		);
		printf( '<tr><th scope="row">%s</th><td><fieldset>', esc_html__( 'The second text covers', 'ladenbote' ) );
		foreach ( $labels as $purpose => $label ) {
			printf(
				'<label><input type="checkbox" name="%s[purposes][]" value="%s"%s /> %s</label><br />',
				esc_attr( Settings::OPTION ),
				esc_attr( $purpose ),
				checked( in_array( $purpose, $chosen, true ), true, false ),
				esc_html( $label )
			);
		}
		echo '</fieldset></td></tr>';
	}

	/**
	 * Whether carts are reported.
	 *
	 * @param bool $chosen Now.
	 */
	private static function carts_row( bool $chosen ): void {
		printf(
			'<tr><th scope="row">%s</th><td><label><input type="checkbox" name="%s[carts]" value="1"%s /> %s</label></td></tr>',
			esc_html__( 'Carts', 'ladenbote' ),
			esc_attr( Settings::OPTION ),
			checked( $chosen, true, false ),
			esc_html__( 'Report the cart of a visitor of the classic checkout as soon as they have ticked the second box, and not before', 'ladenbote' )
		);
	}

	/**
	 * A button that does something, with its nonce.
	 *
	 * @param string $url    Where to.
	 * @param string $action What.
	 * @param string $label  Its text.
	 */
	private static function button( string $url, string $action, string $label ): void {
		printf( '<form method="post" action="%s" style="display:inline-block;margin-right:1em">', esc_url( $url ) );
		printf( '<input type="hidden" name="action" value="%s" />', esc_attr( $action ) );
		wp_nonce_field( $action );
		submit_button( $label, 'secondary', 'submit', false );
		echo '</form>';
	}

	/**
	 * A paragraph.
	 *
	 * @param string $text Plain text.
	 */
	private static function say( string $text ): void {
		printf( '<p>%s</p>', esc_html( $text ) );
	}

	/**
	 * Only an administrator, and only from our own form.
	 *
	 * @param string $action The nonce's action.
	 */
	private static function guard( string $action ): void {
		if ( ! current_user_can( self::CAPABILITY ) ) {
			wp_die( esc_html__( 'You may not do this.', 'ladenbote' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( $action );
	}

	/** The page's address. */
	private static function url(): string {
		return admin_url( 'options-general.php?page=' . self::SLUG );
	}
}
