/**
 * The classic checkout: posts the contact once the visitor has ticked the marketing box, and never before.
 */
( function () {
	'use strict';
	var setup = window.ladenboteCheckout;
	if ( ! setup || ! window.fetch || ! window.FormData ) {
		return;
	}
	var fields = { email: 'billing_email', phone: 'billing_phone', first_name: 'billing_first_name', last_name: 'billing_last_name', country: 'billing_country' };
	var posted = '';
	var agreed = false;

	function value( id ) {
		var field = document.getElementById( id );
		return field ? field.value : '';
	}

	function post() {
		var box = document.getElementById( 'ladenbote_marketing' );
		var ticked = !! ( box && box.checked );
		if ( ! ticked && ! agreed ) {
			return;
		}
		var form = new FormData();
		form.append( 'nonce', setup.nonce );
		if ( ticked ) {
			form.append( 'agreed', '1' );
			Object.keys( fields ).forEach( function ( name ) {
				form.append( name, value( fields[ name ] ) );
			} );
		}
		var content = ticked + '|' + Object.keys( fields ).map( function ( name ) {
			return value( fields[ name ] );
		} ).join( '|' );
		if ( content === posted ) {
			return;
		}
		posted = content;
		agreed = ticked;
		window.fetch( setup.url, { method: 'POST', body: form, credentials: 'same-origin', keepalive: true } ).catch( function () {} );
	}

	document.addEventListener( 'change', function ( event ) {
		var id = event.target && event.target.id;
		if ( 'ladenbote_marketing' === id || Object.keys( fields ).some( function ( name ) {
			return fields[ name ] === id;
		} ) ) {
			post();
		}
	} );
}() );
