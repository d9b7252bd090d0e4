/** What an account buys of us, and what whoever runs the installation does with it. */
export const moneyRoutes: readonly string[] = [
  'GET /api/v1/plans',
  'GET /api/v1/orders',
  'POST /api/v1/orders',
  'GET /api/v1/orders/{id}',
  'POST /api/v1/orders/{id}/cancel',
  'GET /api/v1/subscription',
  'POST /api/v1/subscription/cancel',
  'POST /api/v1/subscription/keep',
  'POST /api/v1/accounts/{id}/orders',
  'POST /api/v1/accounts/{id}/orders/{order_id}/transfers',
  'POST /api/v1/accounts/{id}/adjustments',
  'PUT /api/v1/exchange-rates/{currency}',
  'GET /api/v1/payment-events',
];
