/** A mail as it is handed over: plain text, in UTF-8. */
export interface OutgoingMail {
  /** Stable: the same mail handed over twice has one Message-ID, by which a receiver tells. */
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
}

/** `again`: the server was away, or said "later". `never`: it will not take it. */
export type MailVerdict =
  { readonly kind: 'sent' } | { readonly kind: 'again' | 'never'; readonly error: string };

/** Who carries mails. */
export interface MailSender {
  send(mail: OutgoingMail): Promise<MailVerdict>;
  close(): void;
}
