import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { MailSender } from '../../domain/shared/mail-port.ts';
import { asMessage } from './smtp.ts';

/** Mails as files (`.eml`) of a folder, for a machine that reaches nobody. Readable by their owner only. */
export function mailsIn(folder: string, from: string): MailSender {
  const transport = createTransport({ streamTransport: true, buffer: true });
  return {
    async send(mail) {
      const { message } = await transport.sendMail(asMessage(mail, from));
      if (!Buffer.isBuffer(message)) return { kind: 'never', error: 'the mail could not be composed' };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Whole, or not there: whoever looks into the folder finds no half of a mail.
      const place = join(folder, `${mail.id}.eml`);
      await writeFile(`${place}.part`, message, { mode: 0o600 });
      await rename(`${place}.part`, place);
      return { kind: 'sent' };
    },
    close: () => transport.close(),
  };
}
