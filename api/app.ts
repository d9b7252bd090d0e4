import { randomUUID } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { accountRoutes } from './accounts/routes.ts';
import { closedByDefault } from './access.ts';
import { batchPeopleRoutes } from './batches/people.ts';
import { termsRoutes } from './batches/terms.ts';
import { auditRoutes } from './audit/routes.ts';
import { agreementRoutes } from './agreements/routes.ts';
import { definitionRoutes } from './definitions/routes.ts';
import { memberRoutes } from './members/routes.ts';
import { meRoutes } from './me/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { refuseOtherMethods } from './methods.ts';
import { paymentReadRoutes } from './payments/read-routes.ts';
import { batchRoutes } from './batches/routes.ts';
import { callRoutes } from './calls/routes.ts';
import { oldBatchRoutes } from './compat/batches.ts';
import { tellSuccessor } from './compat/deprecated.ts';
import { oldJobRoutes } from './compat/jobs.ts';
import { contactRoutes } from './contacts/routes.ts';
import { channelRoutes } from './channels/routes.ts';
import { boundedBody } from './body-bound.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { addDocs } from './docs/routes.ts';
import { eventRoutes } from './events/routes.ts';
import { explainRoutes } from './explain/routes.ts';
import { functionRoutes } from './functions/routes.ts';
import { negotiationRoutes } from './negotiations/routes.ts';
import { paymentRoutes } from './payments/routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { privacyRoutes } from './privacy/routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { forecastRoutes } from './forecasts/routes.ts';
import { healthRoutes } from './health/routes.ts';
import { holidayRoutes } from './holidays/routes.ts';
import { importRoutes } from './imports/routes.ts';
import { createUploads } from './imports/uploads.ts';
import { answerError, answerUnknownRoute } from './problems.ts';
import { registerRoutes } from './register/routes.ts';
import { rehearsalRoutes } from './rehearsals/routes.ts';
import { resultRoutes } from './results/routes.ts';
import { createReports, reportRoutes } from './reports/routes.ts';
import { summaryRoutes } from './reports/summary-routes.ts';
import { alertRoutes } from './alerts/routes.ts';
import { createRouter } from './router.ts';
import { secureHeaders } from 'hono/secure-headers';
import { inboundRoutes } from './webhooks/inbound.ts';
import { statementRoutes } from './statements/routes.ts';
import { signInRoutes } from './sign-in/routes.ts';
import { toolRoutes } from './tools/routes.ts';
import { watchRequests } from './metrics/watch-requests.ts';
import { keyRoutes } from './keys/routes.ts';
import { createDoorkeeper } from './limits.ts';
import { linkRoutes } from './links/routes.ts';
import { mercadoPagoRoutes } from './webhooks/mercadopago.ts';
import { orderRoutes } from './orders/routes.ts';
import { orderWebhookRoutes } from './webhooks/orders.ts';
import { whatsappRoutes } from './webhooks/whatsapp.ts';
import { webhookEndpointRoutes } from './webhook-endpoints/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** No JSON request of ours is longer than a few hundred bytes. */
const maxJsonBytes = 64 * 1024;
/** Files and webhooks, whose routes bound them themselves. */
const ownLimit = /^\/api\/(?:upload\/excel$|v1\/(?:(?:imports|payment-files|removal-files)$|webhooks\/))/;

const noPage = "default-src 'none'; frame-ancestors 'none'";
/** Where people reach us by https they never come by http again. */
const inYear = 'max-age=31536000; includeSubDomains';

/** The whole HTTP API over what it is given; serves nothing by itself. */
export function createApp(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = createRouter();
  const isSecure = deps.people?.baseUrl.startsWith('https:') === true;
  app.use(async (c, next) => {
    c.set('requestId', randomUUID());
    await next();
    c.header('x-request-id', c.get('requestId'));
    // An answer is no page: a browser that takes one for it runs nothing of it, and puts it into no frame.
    if (!c.res.headers.has('content-security-policy')) c.header('content-security-policy', noPage);
    // Answers hold people's names, phones and debts.
    if (c.req.path.startsWith('/api/')) c.header('cache-control', 'no-store');
  });
  app.use(secureHeaders({ strictTransportSecurity: isSecure ? inYear : false, xFrameOptions: 'DENY' }));
  app.use('/api/*', tellSuccessor);
  app.use(watchRequests({ metrics: deps.metrics, tracing: deps.tracing, logger: deps.logger }));
  const limited = boundedBody(maxJsonBytes);
  const doorkeeper = createDoorkeeper(
    deps.limits ?? { perKeyPerSecond: 0, perAddressPerSecond: 0 },
    deps.addressOf ?? (() => undefined),
    deps.nowMs,
  );
  app.use('/api/*', doorkeeper.byAddress);
  // Before the key is looked up, so that what nobody may send costs nothing.
  app.use('/api/*', (c, next) => (ownLimit.test(c.req.path) ? next() : limited(c, next)));
  app.use(refuseOtherMethods(app));
  app.use('/api/*', closedByDefault(app, { ...deps, doorkeeper }));
  app.route('/', healthRoutes(deps));
  const uploads = createUploads(deps);
  const reports = createReports(deps);
  app.route('/', importRoutes(deps, uploads));
  app.route('/', batchRoutes(deps));
  app.route('/', batchPeopleRoutes(deps));
  app.route('/', termsRoutes(deps));
  app.route('/', resultRoutes(deps));
  app.route('/', contactRoutes(deps));
  app.route('/', callRoutes(deps));
  app.route('/', rehearsalRoutes(deps));
  app.route('/', forecastRoutes(deps));
  app.route('/', accountRoutes(deps));
  app.route('/', signInRoutes(deps));
  app.route('/', memberRoutes(deps));
  app.route('/', meRoutes(deps));
  app.route('/', statementRoutes(deps));
  app.route('/', alertRoutes(deps));
  app.route('/', orderRoutes(deps));
  app.route('/', keyRoutes(deps));
  app.route('/', webhookRoutes(deps));
  app.route('/', functionRoutes(deps));
  app.route('/', inboundRoutes(deps));
  app.route('/', negotiationRoutes(deps));
  app.route('/', paymentRoutes(deps));
  app.route('/', paymentReadRoutes(deps));
  app.route('/', agreementRoutes(deps));
  app.route('/', messageRoutes(deps));
  app.route('/', definitionRoutes(deps));
  app.route('/', peopleRoutes(deps));
  app.route('/', privacyRoutes(deps));
  app.route('/', auditRoutes(deps));
  app.route('/', taskRoutes(deps));
  app.route('/', webhookEndpointRoutes(deps));
  app.route('/', whatsappRoutes(deps));
  app.route('/', mercadoPagoRoutes(deps));
  app.route('/', orderWebhookRoutes(deps));
  app.route('/', linkRoutes(deps));
  app.route('/', channelRoutes(deps));
  app.route('/', toolRoutes(deps));
  app.route('/', eventRoutes(deps));
  app.route('/', explainRoutes(deps));
  app.route('/', holidayRoutes(deps));
  app.route('/', registerRoutes(deps));
  app.route('/', reportRoutes(reports));
  app.route('/', summaryRoutes(deps));
  app.route('/', oldBatchRoutes(deps, uploads));
  app.route('/', oldJobRoutes(deps, reports));
  addDocs(app);
  app.notFound(answerUnknownRoute);
  app.onError(answerError(deps));
  return app;
}
