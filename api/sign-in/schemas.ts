import { z } from '@hono/zod-openapi';
import { memberRoles } from '../../domain/accounts/rules/permissions.ts';
import { passwordLength } from '../../domain/accounts/sign-in-port.ts';
import type { FieldCode } from '../../domain/shared/rules/field-words.ts';
import { form, idSchema, instantSchema, maybe, textSchema } from '../schemas.ts';

export const emailSchema = z.email().max(254).openapi({ example: 'ana@ejemplo.cl' });

/** Blanks stay: they are part of a password. */
const passwordOf = (least: number) =>
  z
    .string()
    .min(least)
    .max(passwordLength.most)
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'no_control_characters' satisfies FieldCode);
/** One that somebody has: its length was checked when it was chosen. */
const knownPassword = passwordOf(1);
/** One that somebody chooses now. */
const newPassword = passwordOf(passwordLength.least).openapi({
  description: `${passwordLength.least} characters or more.`,
});
const token = textSchema(200).openapi({ description: 'The code of the mail.' });

export const signInSchema = z
  .object({ email: emailSchema, password: knownPassword })
  .strict()
  .openapi('SignIn');

export const signedInSchema = z
  .object({
    second_factor: z.boolean().openapi({
      description: 'A code is asked for next (`POST /api/v1/auth/code`): there is no session before it.',
    }),
  })
  .openapi('SignedIn');

export const codeSchema = z
  .object({ code: form(/^[0-9]{6}$/, 'six_digits').openapi({ example: '123456' }) })
  .strict()
  .openapi('Code');

export const backupCodeSchema = z
  .object({ code: textSchema(40) })
  .strict()
  .openapi('BackupCode');

export const passwordSchema = z.object({ password: knownPassword }).strict().openapi('Password');

export const passwordChangeSchema = z
  .object({ current_password: knownPassword, new_password: newPassword })
  .strict()
  .openapi('PasswordChange');

export const forgottenSchema = z.object({ email: emailSchema }).strict().openapi('ForgottenPassword');

export const resetSchema = z.object({ token, new_password: newPassword }).strict().openapi('PasswordReset');

export const acceptanceSchema = z
  .object({
    token,
    name: maybe(textSchema(120)).openapi({ description: 'Of a person who is new.' }),
    password: maybe(newPassword).openapi({ description: 'Of a person who is new.' }),
  })
  .strict()
  .openapi('Acceptance');

export const startedSchema = z
  .object({
    uri: z.string().openapi({ description: 'For an authenticator, as a QR code or by hand.' }),
    backup_codes: z
      .array(z.string())
      .openapi({ description: 'Each is good once, for when the authenticator is lost. Shown now only.' }),
  })
  .openapi('SecondFactor');

export const sessionSchema = z
  .object({
    name: z.string(),
    email: z.string(),
    second_factor: z.boolean(),
    accounts: z
      .array(
        z.object({
          id: idSchema.openapi({ description: 'For the header `Tandas-Account`.' }),
          slug: z.string(),
          name: z.string(),
          role: z.enum(memberRoles),
        }),
      )
      .openapi({ description: 'Those that this person is a member of.' }),
  })
  .openapi('Session');

export const sessionListSchema = z
  .object({
    sessions: z.array(
      z.object({
        id: z.string(),
        created_at: instantSchema,
        expires_at: instantSchema,
        address: z.string().nullable(),
        user_agent: z.string().nullable(),
        current: z.boolean(),
      }),
    ),
  })
  .openapi('SessionList');

export const acceptedSchema = z
  .object({ account_id: idSchema, role: z.enum(memberRoles), email: z.string() })
  .openapi('Accepted');
