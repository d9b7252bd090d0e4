import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type ParsedMail, simpleParser } from 'mailparser';
import { pino } from 'pino';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailsIn } from '../../../channels/mail/files.ts';
import { smtpAt } from '../../../channels/mail/smtp.ts';
import { inAccount } from '../../../db/client.ts';
import type { MailSender } from '../../../domain/shared/mail-port.ts';
import { insertMail, listMails } from '../../../domain/shared/queries-mail.ts';
import { sendMailsOnce } from '../../../relay/mail-relay.ts';
import { createWorld, type World } from '../../support/world.ts';

const from = 'Tandas <hola@tandas.example>';
let world: World;
let server: SMTPServer;
let port: number;
let answer: { readonly responseCode: number; readonly message: string } | undefined;
const received: ParsedMail[] = [];

beforeAll(async () => {
  world = await createWorld();
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, callback) => {
      callback(answer === undefined ? undefined : Object.assign(new Error(answer.message), answer));
    },
    onData: (stream, _session, callback) => {
      const answered = async (): Promise<void> => callback(await readMail(stream));
      void answered();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await world.close();
});
beforeEach(() => {
  received.length = 0;
  answer = undefined;
});

/** Null: it was taken. */
async function readMail(stream: Readable): Promise<Error | null> {
  try {
    received.push(await simpleParser(stream));
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error('unread');
  }
}

const logger = pino({ level: 'silent' });
const again = () => 0;

async function write(dedupeKey: string, body = 'Hola,\n.\nñandú 🦙'): Promise<void> {
  const { accountId } = world;
  await inAccount(world.app, accountId, (trx) =>
    insertMail(trx, { accountId, dedupeKey, recipient: 'ana@ejemplo.cl', subject: 'Señal de prueba', body }),
  );
}

async function send(sender: MailSender): Promise<number> {
  return sendMailsOnce({ system: world.system, sender, logger, delayMs: again });
}

async function newest() {
  const [mail] = await inAccount(world.app, world.accountId, (trx) =>
    listMails(trx, { after: undefined, limit: 1 }),
  );
  if (mail === undefined) throw new Error('no mail');
  return mail;
}

describe('a mail', () => {
  it('reaches the server whole, once for each key, with an id of its own', async () => {
    await write('one');
    await write('one');
    const sender = smtpAt(`smtp://127.0.0.1:${port}`, from);
    expect(await send(sender)).toBe(1);
    expect(await send(sender)).toBe(0);
    sender.close();
    const [mail, ...others] = received;
    expect(others).toEqual([]);
    expect(mail?.subject).toBe('Señal de prueba');
    expect(mail?.text?.trim()).toBe('Hola,\n.\nñandú 🦙');
    const row = await newest();
    expect(mail?.messageId).toBe(`<${row.id}@tandas.example>`);
    expect(row).toMatchObject({ state: 'sent', error: null });
  });

  it('is sent again with the same id after a "later", and after a server that was down', async () => {
    await write('later');
    answer = { responseCode: 452, message: 'too busy' };
    const sender = smtpAt(`smtp://127.0.0.1:${port}`, from);
    await send(sender);
    expect(await newest()).toMatchObject({ state: 'waiting', tries: 1 });
    expect((await newest()).error).toContain('452');
    const down = smtpAt('smtp://127.0.0.1:9', from);
    await send(down);
    expect(await newest()).toMatchObject({ state: 'waiting', tries: 2 });
    answer = undefined;
    await send(sender);
    expect(await newest()).toMatchObject({ state: 'sent', tries: 3 });
    expect(received.map(({ messageId }) => messageId)).toEqual([`<${(await newest()).id}@tandas.example>`]);
    sender.close();
    down.close();
  });

  it('is given up where the server will never take it, and says why', async () => {
    await write('never');
    answer = { responseCode: 550, message: 'no such mailbox' };
    const sender = smtpAt(`smtp://127.0.0.1:${port}`, from);
    await send(sender);
    expect(await send(sender)).toBe(0);
    sender.close();
    const row = await newest();
    expect(row).toMatchObject({ state: 'dead', tries: 1 });
    expect(row.error).toContain('no such mailbox');
    const kept = await world.owner
      .selectFrom('operation.mail')
      .select('body')
      .where('id', '=', row.id)
      .execute();
    expect(kept).toEqual([{ body: '' }]);
  });

  it('is one relay’s at a time', async () => {
    for (let n = 0; n < 8; n += 1) await write(`many ${n}`);
    const sender = smtpAt(`smtp://127.0.0.1:${port}`, from);
    const tried = await Promise.all([1, 2, 3].map(() => send(sender)));
    while ((await send(sender)) > 0);
    sender.close();
    expect(tried.reduce((sum, many) => sum + many, 0)).toBeLessThanOrEqual(8);
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(8);
    expect(received).toHaveLength(8);
  });

  it('names no header and no other receiver by what stands in its subject', async () => {
    const { accountId } = world;
    await inAccount(world.app, accountId, (trx) =>
      insertMail(trx, {
        accountId,
        dedupeKey: 'injected',
        recipient: 'ana@ejemplo.cl',
        subject: 'Hola\r\nBcc: otro@ejemplo.cl',
        body: 'x',
      }),
    );
    const sender = smtpAt(`smtp://127.0.0.1:${port}`, from);
    await send(sender);
    sender.close();
    expect(received[0]?.headers.has('bcc')).toBe(false);
  });

  it('is a file that only its owner reads, where nothing is sent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandas-mail-'));
    await write('file');
    await send(mailsIn(join(folder, 'mail'), from));
    const [name = '', ...others] = await readdir(join(folder, 'mail'));
    expect(others).toEqual([]);
    const place = join(folder, 'mail', name);
    expect((await stat(place)).mode & 0o777).toBe(0o600);
    expect((await simpleParser(await readFile(place))).subject).toBe('Señal de prueba');
    await rm(folder, { recursive: true });
  });
});
