import type {
  MessageSender,
  SendAnswer,
  TemplateMessage,
  OpenMessageSender,
} from '../../domain/messages/message-port.ts';
import { channelFault, failureClass } from './errors.ts';

export interface WhatsAppOptions {
  /** With the version of the Graph API, e.g. `https://graph.facebook.com/v23.0`. */
  readonly baseUrl: string;
  /** Meta's id of the number that sends, not the number itself. */
  readonly phoneNumberId: string;
  readonly accessToken: string;
}

/** WhatsApp's Cloud API at one address, to be opened with each account's own number. */
export function whatsAppAt(baseUrl: string): OpenMessageSender {
  return (account) => createWhatsApp({ baseUrl, ...account });
}

/** WhatsApp's Cloud API over plain HTTP: two calls, of which we need one. */
export function createWhatsApp({ baseUrl, phoneNumberId, accessToken }: WhatsAppOptions): MessageSender {
  return {
    async sendTemplate(message, signal) {
      try {
        const response = await fetch(`${baseUrl}/${encodeURIComponent(phoneNumberId)}/messages`, {
          method: 'POST',
          headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
          body: JSON.stringify(requestBody(message)),
          redirect: 'error',
          signal,
        });
        return readAnswer(response.status, await response.text());
      } catch (error) {
        return readFault(error);
      }
    },
  };
}

/** The body of `POST /{phone_number_id}/messages` for a template. */
export function requestBody(message: TemplateMessage): Readonly<Record<string, unknown>> {
  const { to, template, language, bodyValues, buttonSuffix, callbackData } = message;
  const text = (value: string) => ({ type: 'text', text: value });
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: to.replace(/^\+/, ''),
    type: 'template',
    biz_opaque_callback_data: callbackData,
    template: {
      name: template,
      language: { code: language },
      components: [
        { type: 'body', parameters: bodyValues.map(text) },
        ...(buttonSuffix === undefined
          ? []
          : [{ type: 'button', sub_type: 'url', index: '0', parameters: [text(buttonSuffix)] }]),
      ],
    },
  };
}

function readAnswer(httpStatus: number, text: string): SendAnswer {
  const body = parse(text);
  if (httpStatus >= 200 && httpStatus < 300) {
    const id = at(at(at(body, 'messages'), '0'), 'id');
    if (typeof id === 'string' && id !== '') return { kind: 'accepted', providerMessageId: id };
    return { kind: 'unknown', detail: 'an answer without a message id' };
  }
  const error = at(body, 'error');
  const code = at(error, 'code');
  // A proxy's 502 or Meta's own 500 does not say whether the message was taken.
  if (typeof code !== 'number') {
    if (httpStatus >= 500) return { kind: 'unknown', detail: `HTTP ${httpStatus}` };
    return {
      kind: 'refused',
      code: String(httpStatus),
      class: failureClass('', httpStatus),
      detail: `HTTP ${httpStatus}`,
      fault: channelFault('', httpStatus),
    };
  }
  const isOurs = failureClass(String(code), 0) !== 'stop';
  if (httpStatus >= 500 && !isOurs) return { kind: 'unknown', detail: `HTTP ${httpStatus}, code ${code}` };
  const message = at(error, 'message');
  return {
    kind: 'refused',
    code: String(code),
    class: failureClass(String(code), httpStatus),
    detail: typeof message === 'string' ? message.slice(0, 300) : '',
    fault: channelFault(String(code), httpStatus),
  };
}

/** Failures in which nothing can have left: no address, no listener, no handshake. */
const neverLeft = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function readFault(error: unknown): SendAnswer {
  const code = at(at(error, 'cause'), 'code') ?? at(error, 'code');
  if (typeof code === 'string' && neverLeft.has(code)) {
    const detail = 'the channel could not be reached';
    return { kind: 'refused', code, class: 'retry', detail, fault: 'unreachable' };
  }
  return { kind: 'unknown', detail: error instanceof Error ? error.message : String(error) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, key);
}
