import type * as actions from './actions.ts';
import type * as catalogue from './catalogue.ts';
import type * as charging from './charging.ts';
import type * as core from './core.ts';
import type * as law from './law.ts';
import type * as negotiation from './negotiation.ts';
import type * as operation from './operation.ts';
import type * as people from './people.ts';
import type * as privacy from './privacy.ts';
import type * as recordings from './recordings.ts';
import type * as rehearsal from './rehearsal.ts';
import type * as reports from './reports.ts';

export type {
  Plan,
  Unit,
  BatchState,
  ContactState,
  CallState,
  LineRequestState,
  HoldState,
  ImportState,
  TableFileKind,
  TableFileState,
  MessageState,
} from './columns.ts';

/** Row types of every table, as the migrations make them. Money and int8 are bigint, local days 'YYYY-MM-DD'. */
export interface Schema {
  'catalogue.account': catalogue.AccountTable;
  'catalogue.api_key': catalogue.ApiKeyTable;
  'catalogue.member': people.MemberTable;
  'catalogue.invitation': people.InvitationTable;
  'operation.mail': people.MailTable;
  'operation.alert': people.AlertTable;
  'identity.used_code': people.UsedCodeTable;
  'identity.sign_in_link': people.SignInLinkTable;
  'catalogue.creditor': catalogue.CreditorTable;
  'catalogue.use_case': catalogue.UseCaseTable;
  'catalogue.policy_version': catalogue.DefinitionTable;
  'catalogue.rule_pack_version': catalogue.RulePackTable;
  'catalogue.account_rule_pack': catalogue.AccountRulePackTable;
  'catalogue.tariff': catalogue.TariffTable;
  'catalogue.plan_version': charging.PlanVersionTable;
  'catalogue.credit_package': charging.CreditPackageTable;
  'catalogue.exchange_rate': charging.ExchangeRateTable;
  'catalogue.tax_rate': charging.TaxRateTable;
  'core.payment_order': charging.PaymentOrderTable;
  'core.subscription': charging.SubscriptionTable;
  'operation.payment_event': charging.PaymentEventTable;
  'catalogue.negotiation': negotiation.NegotiationTable;
  'catalogue.holiday': law.HolidayTable;
  'catalogue.pool': catalogue.PoolTable;
  'catalogue.account_pool': catalogue.AccountPoolTable;
  'core.person': core.PersonTable;
  'core.phone': core.PhoneTable;
  'core.person_address': core.PersonAddressTable;
  'core.import': core.ImportTable;
  'core.table_file': core.TableFileTable;
  'core.import_remarked_row': core.ImportRemarkedRowTable;
  'core.import_row': core.ImportRowTable;
  'core.batch': core.BatchTable;
  'core.batch_import': core.BatchImportTable;
  'core.contact': core.ContactTable;
  'core.debt': core.DebtTable;
  'core.agreement': negotiation.AgreementTable;
  'core.agreement_instalment': negotiation.AgreementInstalmentTable;
  'core.payment': negotiation.PaymentTable;
  'core.payment_allocation': negotiation.PaymentAllocationTable;
  'core.current_debt': negotiation.CurrentDebtView;
  'core.do_not_contact': negotiation.DoNotContactTable;
  'core.person_message': law.PersonMessageTable;
  'core.privacy_request': privacy.PrivacyRequestTable;
  'core.erased_key': privacy.ErasedKeyTable;
  'operation.audit_seal': privacy.AuditSealTable;
  'core.stored_object': recordings.StoredObjectTable;
  'operation.call_turn': recordings.CallTurnTable;
  'operation.provider_removal': recordings.ProviderRemovalTable;
  'core.line_pool': core.LinePoolTable;
  'core.line_request': core.LineRequestTable;
  'core.line_lease': core.LineLeaseTable;
  'core.ledger_account': core.LedgerAccountTable;
  'core.ledger_transaction': core.LedgerTransactionTable;
  'core.batch_budget': core.BatchBudgetTable;
  'core.ledger_hold': core.LedgerHoldTable;
  'operation.attempt': operation.AttemptTable;
  'operation.attempt_event': operation.AttemptEventTable;
  'operation.refusal': operation.RefusalTable;
  'operation.call': operation.CallTable;
  'operation.provider_event': operation.ProviderEventTable;
  'operation.outbox': operation.OutboxTable;
  'operation.audit': operation.AuditTable;
  'operation.task': negotiation.TaskTable;
  'operation.function_call': negotiation.FunctionCallTable;
  'operation.reschedule_request': negotiation.RescheduleRequestTable;
  'operation.rehearsal': rehearsal.RehearsalTable;
  'operation.forecast': rehearsal.ForecastTable;
  'operation.idempotency_key': operation.IdempotencyKeyTable;
  'catalogue.webhook_endpoint': actions.WebhookEndpointTable;
  'operation.event': actions.EventTable;
  'operation.hint': actions.HintTable;
  'operation.feed_end': actions.FeedEndTable;
  'operation.webhook_delivery': actions.WebhookDeliveryTable;
  'catalogue.secret': actions.SecretTable;
  'catalogue.channel': actions.ChannelTable;
  'catalogue.message_tariff': actions.MessageTariffTable;
  'catalogue.mcp_server': actions.McpServerTable;
  'catalogue.tool_binding': actions.ToolBindingTable;
  'catalogue.mcp_token': actions.McpTokenTable;
  'core.payment_link': actions.PaymentLinkTable;
  'operation.link_click': actions.LinkClickTable;
  'operation.message': actions.MessageTable;
  'operation.message_event': actions.MessageEventTable;
  'operation.message_state': actions.MessageStateTable;
  'operation.tool_call': actions.ToolCallTable;
  'operation.mcp_request': actions.McpRequestTable;
  'operation.report_touch': reports.ReportTouchTable;
  'operation.report_hour': reports.ReportHourTable;
  'operation.report_nth': reports.ReportNthTable;
  'operation.report_refusal': reports.ReportRefusalTable;
  'operation.report_message': reports.ReportMessageTable;
}
