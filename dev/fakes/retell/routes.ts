/** Retell's HTTP surface: paths, bodies and errors of facts/voice.md §1.1, nothing else. */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { connectionGone, handleCreate, refusalReply, UNKNOWN_CALL } from './create.ts';
import type { CreateDeps, Reply } from './create.ts';
import { listCalls } from './list.ts';
import { presentCall } from './present.ts';
import { addMedia } from './media.ts';
import type { FakeCall, Json } from './types.ts';
import { BAD_REQUEST, SERVER_ERROR, UNAUTHORISED } from './validate.ts';

export type Bindings = { Bindings: HttpBindings };

export function retellRoutes(deps: CreateDeps): Hono<Bindings> {
  const { settings, book, engine, faults } = deps;
  const app = new Hono<Bindings>();
  const authorised = (c: Context<Bindings>) => c.req.header('authorization') === `Bearer ${settings.apiKey}`;

  // Before the check of the key: a POST with a wrong key is kept in the record as well.
  app.post('/v2/create-phone-call', async (c) =>
    send(c, deps, await handleCreate(deps, await c.req.text(), authorised(c))),
  );

  addMedia(app, deps);
  app.use(async (c, next) => {
    if (!authorised(c)) return send(c, deps, refusalReply(UNAUTHORISED));
    return next();
  });

  const known = (id: string): FakeCall | undefined => {
    const call = book.calls.get(id);
    return call?.deletedAtMs === undefined ? call : undefined;
  };
  app.delete('/v2/delete-call/:id', (c) => {
    const call = known(c.req.param('id'));
    if (call === undefined) return send(c, deps, UNKNOWN_CALL);
    if (faults.take(['error_on_delete'], { toNumber: call.request.to_number }) !== undefined)
      return send(c, deps, refusalReply(SERVER_ERROR));
    if (faults.take(['slow_delete'], { toNumber: call.request.to_number }) !== undefined)
      return new Response(null, { status: 204 });
    book.append({ fact: 'deleted', callId: call.callId, atMs: Date.now() });
    return new Response(null, { status: 204 });
  });

  const isUnreadable = (): boolean => faults.take(['error_on_read'], {}) !== undefined;

  app.get('/v2/get-call/:id', (c) => {
    if (isUnreadable()) return send(c, deps, refusalReply(SERVER_ERROR));
    const call = known(c.req.param('id'));
    return send(c, deps, call === undefined ? UNKNOWN_CALL : ok(presentCall(call)));
  });

  app.post('/v3/list-calls', async (c) => {
    if (isUnreadable()) return send(c, deps, refusalReply(SERVER_ERROR));
    const there = [...book.calls.values()].filter(({ deletedAtMs }) => deletedAtMs === undefined);
    const answer = listCalls(there, await c.req.text());
    return send(c, deps, answer === undefined ? refusalReply(BAD_REQUEST) : ok(answer));
  });

  app.post('/v2/stop-call/:id', async (c) => {
    switch (engine.stop(c.req.param('id'))) {
      case 'stopped':
        return new Response(null, { status: 204 });
      case 'over':
        // Not documented. A refusal is the harder case for a client, which must take it as success.
        return send(c, deps, refusalReply({ status: 400, message: 'Call is not ongoing.' }));
      case 'unknown':
        return send(c, deps, UNKNOWN_CALL);
    }
  });

  app.get('/get-concurrency', (c) => {
    const limit = settings.concurrencyLimit;
    const base = Math.min(20, limit);
    return send(
      c,
      deps,
      ok({
        current_concurrency: engine.running(),
        concurrency_limit: limit,
        base_concurrency: base,
        purchased_concurrency: limit - base,
        concurrency_purchase_limit: 100,
        remaining_purchase_limit: Math.max(0, 100 - (limit - base)),
        reserved_inbound_concurrency: 0,
        concurrency_burst_enabled: false,
        concurrency_burst_limit: 0,
      }),
    );
  });

  app.notFound((c) => c.json({ status: 'error', message: 'The requested resource was not found.' }, 404));
  return app;
}

function ok(body: Json): Reply {
  return { kind: 'json', status: 200, body };
}

async function send(c: Context<Bindings>, deps: CreateDeps, reply: Reply): Promise<Response> {
  switch (reply.kind) {
    case 'json':
      return new Response(JSON.stringify(reply.body), {
        status: reply.status,
        headers: { 'content-type': 'application/json; charset=utf-8' },
      });
    case 'drop':
      c.env.incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    case 'hold':
      await connectionGone(c.env.incoming, deps.stopping);
      c.env.incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
  }
}
