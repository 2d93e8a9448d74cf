"""Every GraphQL document that we send. Each is valid in 2026-07 and 2026-10 (tests/shelf) and asks for less than
1,000 points by Shopify's rule: an object costs 1, a connection 2 and its nodes `first` times, a mutation 10.

Lists are asked in two steps: what changed (`…Changed`, one point per object), then the details of those that are
news, several at a time (`…Details`). `BATCH` says how many fit under the limit.
"""

from typing import Final

#: objects per list, and details per request
LIST: Final = 50
BATCH: Final = {"orders": 10, "carts": 24, "customers": 50, "products": 35}

_ADDRESS: Final = """
fragment Address on MailingAddress { firstName lastName name phone countryCodeV2 }
"""

_BUYER: Final = """
fragment Buyer on Customer {
  id firstName lastName locale
  defaultPhoneNumber { phoneNumber }
  defaultEmailAddress { emailAddress }
  defaultAddress { ...Address }
}
"""

_PARCEL: Final = """
  id status displayStatus createdAt updatedAt deliveredAt estimatedDeliveryAt
  trackingInfo(first: 3) { company number url }
"""

# A bulk operation refuses a connection inside a list, so events stand apart.
_EVENTS: Final = "events(first: 5, sortKey: HAPPENED_AT, reverse: true) { nodes { status happenedAt } }"

_ORDER: Final = """
  id name number createdAt processedAt updatedAt cancelledAt test sourceName email phone customerLocale
  displayFinancialStatus displayFulfillmentStatus paymentGatewayNames currencyCode checkoutToken confirmationNumber
  discountCodes
  customAttributes { key value }
  totalPriceSet { presentmentMoney { amount currencyCode } }
  customer { ...Buyer }
  billingAddress { ...Address }
  shippingAddress { ...Address }
  refunds(first: 10) { id createdAt }
  totalRefundedSet { shopMoney { amount currencyCode } }
"""

_FULL_ORDER: Final = (
    f"{_ORDER} fulfillmentsCount {{ count }} fulfillments(first: 5) {{ {_PARCEL} {_EVENTS} }}"
    " lineItems(first: 10) { nodes { id name sku quantity } }"
)
_ORDER_FRAGMENTS: Final = f"fragment Order_ on Order {{ {_FULL_ORDER} }} {_BUYER} {_ADDRESS}"


def _changed(name: str, field: str, key: str, reverse: bool = False) -> str:
    newest_first = ", reverse: true" if reverse else ""
    return f"""query {name}($first: Int!, $after: String, $query: String!) {{
  {field}(first: $first, after: $after, query: $query, sortKey: {key}{newest_first}) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ id updatedAt }}
  }}
}}"""


ORDERS_CHANGED: Final = _changed("OrdersChanged", "orders", "UPDATED_AT")
CARTS_CHANGED: Final = _changed("CartsChanged", "abandonedCheckouts", "CREATED_AT")
CUSTOMERS_CHANGED: Final = _changed("CustomersChanged", "customers", "UPDATED_AT", reverse=True)
PRODUCTS_CHANGED: Final = _changed("ProductsChanged", "products", "UPDATED_AT")

ORDER_DETAILS: Final = "query OrderDetails($ids: [ID!]!) { nodes(ids: $ids) { ...Order_ } }" + _ORDER_FRAGMENTS

ORDER_PARCELS: Final = f"""query OrderParcels($id: ID!) {{
  order(id: $id) {{ fulfillments(first: 80) {{ {_PARCEL} {_EVENTS} }} }}
}}"""

ORDERS_AT_COUNTER: Final = """query OrdersAtCounter($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Order { id fulfillmentOrders(first: 5) { nodes { status updatedAt deliveryMethod { methodType } } } }
  }
}"""

ORDER_OF_PARCEL: Final = (
    """query OrderOfParcel($id: ID!) {
  node(id: $id) { ... on Fulfillment { order { ...Order_ } } }
}"""
    + _ORDER_FRAGMENTS
)

ORDER_OF_PICKUP: Final = (
    """query OrderOfPickup($id: ID!) {
  node(id: $id) {
    ... on FulfillmentOrder { updatedAt deliveryMethod { methodType } order { ...Order_ } }
  }
}"""
    + _ORDER_FRAGMENTS
)

CART_DETAILS: Final = f"""query CartDetails($ids: [ID!]!) {{
  nodes(ids: $ids) {{
    ... on AbandonedCheckout {{
      id createdAt updatedAt completedAt abandonedCheckoutUrl
      totalPriceSet {{ presentmentMoney {{ amount currencyCode }} }}
      customer {{ ...Buyer }}
      billingAddress {{ ...Address }}
      shippingAddress {{ ...Address }}
      lineItems(first: 10) {{ nodes {{ id title variantTitle sku quantity product {{ id }} variant {{ id }} }} }}
    }}
  }}
}} {_BUYER} {_ADDRESS}"""

CUSTOMER_DETAILS: Final = """query CustomerDetails($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Customer {
      id firstName lastName locale updatedAt
      defaultPhoneNumber { phoneNumber whatsAppMarketingConsent { state optInLevel updatedAt collectedFrom } }
      defaultEmailAddress { emailAddress }
      defaultAddress { countryCodeV2 }
      mirror: metafield(namespace: "ladenbote", key: "whatsapp_consent") { value compareDigest }
    }
  }
}"""

PRODUCT_DETAILS: Final = """query ProductDetails($ids: [ID!]!) {
  shop { currencyCode }
  nodes(ids: $ids) {
    ... on Product {
      id title handle status updatedAt onlineStoreUrl productType tracksInventory
      featuredMedia { preview { image { url } } }
      variants(first: 20) {
        pageInfo { hasNextPage endCursor }
        nodes { id title sku price availableForSale inventoryQuantity }
      }
    }
  }
}"""

MORE_VARIANTS: Final = """query MoreVariants($id: ID!, $after: String) {
  product(id: $id) {
    variants(first: 250, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id title sku price availableForSale inventoryQuantity }
    }
  }
}"""

ORDERS_COUNT: Final = """query OrdersCount($query: String!) {
  ordersCount(query: $query, limit: 10000) { count precision }
}"""

BULK_RUN: Final = """mutation BulkRun($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) {
    bulkOperation { id status }
    userErrors { field message code }
  }
}"""

BULK_STATUS: Final = """query BulkStatus($id: ID!) {
  bulkOperation(id: $id) { id status errorCode rootObjectCount url }
}"""


def bulk_orders(search: str) -> str:
    """The query of a bulk operation over orders: no variables, no pages, the nested connection by edges."""
    return f"""{{
  orders(query: "{search}", sortKey: UPDATED_AT) {{
    edges {{ node {{
      __typename {_ORDER}
      fulfillments(first: 20) {{ {_PARCEL} }}
      lineItems {{ edges {{ node {{ __typename id name sku quantity }} }} }}
    }} }}
  }}
}} {_BUYER} {_ADDRESS}"""


BOUGHT: Final = """query Bought(
  $cart: String!
  $customer: String!, $hasCustomer: Boolean!
  $email: String!, $hasEmail: Boolean!
  $phone: CustomerIdentifierInput!, $hasPhone: Boolean!
) {
  byCart: orders(first: 5, query: $cart, sortKey: CREATED_AT, reverse: true) { nodes { ...Bought_ } }
  byCustomer: orders(first: 20, query: $customer, sortKey: CREATED_AT, reverse: true) @include(if: $hasCustomer) {
    nodes { ...Bought_ }
  }
  byEmail: orders(first: 20, query: $email, sortKey: CREATED_AT, reverse: true) @include(if: $hasEmail) {
    nodes { ...Bought_ }
  }
  byPhone: customerByIdentifier(identifier: $phone) @include(if: $hasPhone) {
    orders(first: 20, sortKey: CREATED_AT, reverse: true) { nodes { ...Bought_ } }
  }
}
fragment Bought_ on Order { id createdAt checkoutToken cartToken email customer { id } }"""

INSTALLATION: Final = """query Installation {
  currentAppInstallation { accessScopes { handle } }
  shop { name myshopifyDomain plan { publicDisplayName partnerDevelopment shopifyPlus } }
  webhookSubscriptions(first: 100) { nodes { topic uri } }
}"""

PEOPLE_READABLE: Final = """query PeopleReadable {
  customers(first: 20, sortKey: UPDATED_AT, reverse: true) {
    nodes { id firstName lastName defaultPhoneNumber { phoneNumber } defaultAddress { phone } }
  }
  orders(first: 20, sortKey: UPDATED_AT, reverse: true) {
    nodes { id phone billingAddress { phone } shippingAddress { phone } }
  }
}"""

WEBHOOKS: Final = """query Webhooks($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id topic uri format filter includeFields name }
  }
}"""

WEBHOOK_CREATE: Final = """mutation WebhookCreate(
  $topic: WebhookSubscriptionTopic!, $given: WebhookSubscriptionInput!
) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $given) {
    webhookSubscription { id }
    userErrors { field message }
  }
}"""

WEBHOOK_UPDATE: Final = """mutation WebhookUpdate($id: ID!, $given: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $given) {
    webhookSubscription { id }
    userErrors { field message }
  }
}"""

VOUCHER_CREATE: Final = """mutation VoucherCreate($terms: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $terms) {
    codeDiscountNode { id }
    userErrors { field message code }
  }
}"""

VOUCHER: Final = """query Voucher($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    id
    codeDiscount { ... on DiscountCodeBasic { title status asyncUsageCount } }
  }
}"""

VOUCHER_DELETE: Final = """mutation VoucherDelete($id: ID!) {
  discountCodeDelete(id: $id) { deletedCodeDiscountId userErrors { field message code } }
}"""

CONSENT_WRITE: Final = """mutation ConsentWrite($input: CustomerWhatsAppMarketingConsentUpdateInput!) {
  customerWhatsAppMarketingConsentUpdate(input: $input) {
    customerPhoneNumber { phoneNumber }
    userErrors { field message code }
  }
}"""

MIRROR_WRITE: Final = """mutation MirrorWrite($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) {
    metafields { compareDigest }
    userErrors { field message code }
  }
}"""
