<?php
// Runs the PHP that a test has posted, inside WordPress; the answer is what it returned, as JSON.
$code = file_get_contents( 'php://input' );
require getenv( 'SITE_TREE' ) . '/wp-load.php';
$answer = ( static function () use ( $code ) {
	return eval( $code ); // phpcs:ignore -- only tests, only on loopback.
} )();
echo "\n=>", json_encode( $answer );
