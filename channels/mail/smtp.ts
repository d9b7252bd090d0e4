import { createTransport } from 'nodemailer';
import type { MailSender, MailVerdict, OutgoingMail } from '../../domain/shared/mail-port.ts';

const answerMs = 20_000;

/**
 * A mail server, by its address: `smtps://user:password@host:465`, or `smtp://host:25`. Throws for an address that is
 * none. A refusal for good (5xx) is never tried again; whatever else is.
 */
export function smtpAt(address: string, from: string): MailSender {
  const { protocol } = new URL(address);
  if (protocol !== 'smtp:' && protocol !== 'smtps:') {
    throw new Error('SMTP_URL should hold an address such as smtps://user:password@host:465');
  }
  const transport = createTransport({
    url: address,
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: answerMs,
    // Bodies are ours, and name no file: what looks like one is text.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail) {
      try {
        await transport.sendMail(asMessage(mail, from));
        return { kind: 'sent' };
      } catch (error) {
        return verdictOf(error);
      }
    },
    close: () => transport.close(),
  };
}

/** As the library takes it. */
export function asMessage({ id, recipient, subject, body }: OutgoingMail, from: string) {
  return {
    messageId: `<${id}@${
      from
        .split('@')
        .at(-1)
        ?.replace(/[^\w.-]/g, '') ?? 'tandas'
    }>`,
    from,
    to: { name: '', address: recipient },
    subject,
    text: body,
    // An answering machine must not answer a machine.
    headers: { 'auto-submitted': 'auto-generated' },
  };
}

function verdictOf(error: unknown): MailVerdict {
  const message = error instanceof Error ? error.message.slice(0, 300) : 'unknown';
  const code = error instanceof Error && 'responseCode' in error ? error.responseCode : undefined;
  const isForGood = typeof code === 'number' && code >= 500;
  return { kind: isForGood ? 'never' : 'again', error: message };
}
