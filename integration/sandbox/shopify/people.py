"""What customers do beside ordering: join, fill carts, leave, agree, merge, vanish."""

from dataclasses import dataclass, field

from integration.sandbox.shopify.orders import Basket, Items, lines, place
from integration.sandbox.shopify.records import Address, Checkout, Consent, Customer, Money, Order
from integration.sandbox.shopify.shop import AdminShop


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who becomes a customer; `phone` is E.164."""

    first_name: str | None = "Anna"
    last_name: str | None = "Beispiel"
    email: str | None = "anna@example.com"
    phone: str | None = "+491713920011"
    locale: str = "de"
    address: Address | None = None


def join(shop: AdminShop, person: Person, *, quietly: bool = False) -> Customer:
    """A new customer."""
    now = shop.now()
    home = person.address or Address(person.first_name, person.last_name, "Musterweg 1", "50667", "Köln", person.phone)
    customer = Customer(shop.new_id(), now, now, person.first_name, person.last_name, person.email, person.phone,
                        person.locale, home)  # fmt: skip
    shop.customers[customer.id] = customer
    if not quietly:
        shop.tell(("customers/create", customer))
    return customer


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody typed at the till before leaving."""

    items: Items = ((0, 1),)
    email: str | None = None
    address: Address | None = None
    attributes: dict[str, str] = field(default_factory=dict)


def start_checkout(shop: AdminShop, customer: Customer | None, cart: Cart | None = None) -> Checkout:
    """Somebody goes to the till. Whether they come back shows later: the topic fires at once."""
    cart, now, checkout_id = cart or Cart(), shop.now(), shop.new_id()
    home = cart.address or (customer.address if customer else None)
    checkout = Checkout(
        checkout_id, shop.token(), shop.token(), lines(shop, cart.items, checkout_id, Money()), now, now, customer,
        cart.email or (customer.email if customer else None), home, home, dict(cart.attributes),
    )  # fmt: skip
    shop.checkouts[checkout.id] = checkout
    shop.tell(("checkouts/create", checkout), ("checkouts/update", checkout))
    return checkout


def change_checkout(shop: AdminShop, checkout: Checkout, items: Items) -> None:
    """Other goods."""
    checkout.lines, checkout.updated = lines(shop, items, checkout.id, checkout.money), shop.now()
    shop.tell(("checkouts/update", checkout))


def buy(shop: AdminShop, checkout: Checkout, basket: Basket | None = None) -> Order:
    """They came back: the checkout becomes an order with its token."""
    items = tuple((shop.shelf.index(line.product), line.quantity) for line in checkout.lines)
    basket = basket or Basket(items=items, attributes=checkout.attributes, email=checkout.email,
                              address=checkout.billing)  # fmt: skip
    return place(shop, checkout.customer, basket, checkout)


def agree(shop: AdminShop, customer: Customer, state: str = "SUBSCRIBED", level: str = "SINGLE_OPT_IN") -> None:
    """The native WhatsApp marketing consent of the customer's default phone."""
    now = shop.now()
    customer.whatsapp = Consent(state, level, now, "SHOPIFY")
    customer.updated = now
    shop.tell(("customers_whats_app_marketing_consent/update", customer), ("customers/update", customer))


def agree_by_sms(shop: AdminShop, customer: Customer) -> None:
    """SMS consent, which says nothing about WhatsApp."""
    customer.sms = Consent("SUBSCRIBED", "SINGLE_OPT_IN", shop.now(), "SHOPIFY")
    customer.updated = shop.now()
    shop.tell(("customers_marketing_consent/update", customer), ("customers/update", customer))


def change_phone(shop: AdminShop, customer: Customer, phone: str | None) -> None:
    """Another default phone: the native consents belong to the old one."""
    customer.phone, customer.updated = phone, shop.now()
    customer.whatsapp, customer.sms = Consent("NEVER_SUBSCRIBED"), Consent()
    shop.tell(("customers/update", customer))


def merge(shop: AdminShop, kept: Customer, gone: Customer) -> None:
    """Two customers were one person: the orders of `gone` belong to `kept`, and its id is no more."""
    for order in shop.orders.values():
        if order.customer is gone:
            order.customer, order.updated = kept, shop.now()
    del shop.customers[gone.id]
    kept.updated = shop.now()
    shop.tell(("customers/merge", (kept, gone)), ("customers/update", kept))


def ask_for_data(shop: AdminShop, customer: Customer) -> None:
    """The customer wants to know what is stored."""
    shop.tell(("customers/data_request", (customer, _orders_of(shop, customer))))


def redact(shop: AdminShop, customer: Customer) -> None:
    """The customer is erased: names and numbers go, the orders stay without them, and the apps are told."""
    orders, now = _orders_of(shop, customer), shop.now()
    news = ("customers/redact", (_copy(customer), orders))
    customer.first_name = customer.last_name = customer.email = customer.phone = customer.address = None
    customer.whatsapp = Consent("REDACTED", at=now)
    customer.updated = now
    for order in orders:
        order.email = order.phone = order.billing = order.shipping = None
        order.attributes, order.updated = {}, now
    shop.tell(news, *(("orders/updated", order) for order in orders))


def uninstall(shop: AdminShop) -> None:
    """The owner removes the app: the goodbye goes out, then every token and subscription is gone."""
    shop.tell(("app/uninstalled", shop))
    shop.app.installed = False
    shop.tokens.revoke()
    shop.subscriptions.clear()


def close_shop(shop: AdminShop) -> None:
    """48 hours after the app left, everything about the shop is to be erased."""
    shop.tell(("shop/redact", shop))


def change_scopes(shop: AdminShop, scopes: list[str]) -> None:
    """The owner approved another version of the app."""
    previous, shop.app.scopes = shop.app.scopes, scopes
    shop.tell(("app/scopes_update", (shop, previous)))


def _orders_of(shop: AdminShop, customer: Customer) -> list[Order]:
    return [order for order in shop.orders.values() if order.customer is customer]


def _copy(customer: Customer) -> Customer:
    return Customer(customer.id, customer.created, customer.updated, email=customer.email, phone=customer.phone)
