/** Why not, in German. */
import type { Text } from '../catalogue.ts';

export const reasons = {
  reason_other: 'Etwas hat hier nicht gepasst, und die Geldbörse hat angehalten.',
  reason_price_malformed: 'Der Preis auf dieser Seite ist falsch geschrieben.',
  reason_currency_unknown: 'Der Preis auf dieser Seite steht in einer unbekannten Währung.',
  reason_currency_unsupported:
    'Diese Seite wird in einer Währung verkauft, die Ihre Geldbörse nicht hat.',
  reason_payto_missing: 'Diese Seite sagt nicht, wer bezahlt wird.',
  reason_payto_malformed: 'Diese Seite sagt nicht richtig, wer bezahlt wird.',
  reason_charge_lapsed: 'Der Anbieter hat nie geantwortet und nichts genommen.',
  reason_window_private: 'Ein privates Fenster behält nichts, daher wird darin nichts gekauft.',
  reason_seller_blocked: 'Sie haben diesen Anbieter gesperrt.',
  reason_provider_unknown: 'Diese Seite wird über einen anderen Geldbörsendienst bezahlt.',
  reason_provider_unreachable: 'Ihr Geldbörsendienst antwortet nicht.',
  reason_account_unknown:
    'Ihr Geldbörsendienst kennt diese Geldbörse nicht mehr. Fragen Sie dort nach.',
  reason_seller_unknown: 'Ihr Geldbörsendienst kennt diesen Anbieter nicht.',
  reason_seller_not_admitted: 'Ihr Geldbörsendienst bezahlt nur seine eigenen Anbieter.',
  reason_origin_not_listed: 'Diese Website gehört nicht zu denen des Anbieters.',
  reason_url_malformed: 'An diese Adresse kann nicht sicher gezahlt werden.',
  reason_insufficient_funds: 'In Ihrer Geldbörse ist nicht genug Geld.',
  reason_purse_count: 'Es ist schon an zu vielen Stellen Geld beiseitegelegt.',
  reason_starter_limit: 'Heute gibt es kein Startgeld mehr; versuchen Sie es morgen wieder.',
  reason_write_quota: 'Das war sehr oft; versuchen Sie es morgen wieder.',
  reason_rate_limited: 'Das war zu oft; versuchen Sie es in einer Minute wieder.',
  reason_internal: 'Ihr Geldbörsendienst hat eine Störung.',
  reason_action_unsupported:
    'Dies wird auf eine Weise verkauft, die Ihre Geldbörse noch nicht bezahlen kann.',
  reason_challenge_expired: 'Es hat zu lange gedauert, daher gilt Ihr Ja nicht mehr.',
  reason_aside_limit: 'Ihr Geldbörsendienst lässt heute kein weiteres Geld beiseitelegen.',
  reason_offer_over: 'Dieses Angebot ist beendet.',
  reason_not_delivered: 'Die Seite des Anbieters ist ausgefallen.',
  reason_amount_mismatch: 'Der Anbieter rechnet hier mit einem anderen Betrag als dieser Browser.',
  reason_terms_changed: 'Der Preis oder die Bedingungen haben sich geändert.',
  reason_wallet_absent: 'Ihre Geldbörse ist noch nicht eingerichtet.',
  reason_topup_limit: 'Für einen Tag wurde genug eingezahlt; versuchen Sie es morgen wieder.',
  reason_topup_refused: 'Die Karte wurde abgelehnt.',
  reason_withdrawal_refused: 'Dieser Betrag kann nicht zurückgeschickt werden.',
  reason_withdrawal_limit:
    'Sie haben diese Woche oft Geld zurückgeholt; versuchen Sie es in einigen Tagen wieder.',
  reason_account_frozen:
    'Eine Karte hat eine Zahlung zurückgeholt; bis das geklärt ist, steht Ihre Geldbörse still.',
  reason_seller_unreachable: 'Der Anbieter antwortet nicht.',
  reason_used: 'Es gehörte Ihnen so lange wie vereinbart, und diese Zeit ist vorbei.',
  reason_out_of_sync: 'Ihre Zählung und die des Anbieters weichen voneinander ab.',
  reason_undo_over: 'Die Zeit, es rückgängig zu machen, ist vorbei.',
  reason_undo_quota: 'Sie haben in dieser Woche schon fünfmal etwas rückgängig gemacht.',
  reason_refunded: 'Das haben Sie zurückgenommen.',
  reason_words_count: 'Es sind zwölf Wörter.',
  reason_words_unknown: 'Eines der Wörter steht nicht in der Wortliste.',
  reason_words_checksum: 'Eines der Wörter ist ein anderes, oder zwei sind vertauscht.',
  reason_recovery_unknown: [
    'Damit wird keine Geldbörse gefunden.',
    'Vielleicht ist sie bei einem anderen Geldbörsendienst.',
  ],
  reason_passkey_refused: 'Es wurde kein Passkey verwendet.',
  reason_passkey_unsupported: [
    'Dieser Browser oder Passkey kann das nicht.',
    'Schreiben Sie stattdessen zwölf Wörter auf.',
  ],
  reason_device_revoked: 'Ein anderer Ihrer Browser hat diesen aus Ihrer Geldbörse entfernt.',
  reason_device_limit: [
    'Ihre Geldbörse ist schon auf so vielen Browsern, wie sie sein darf.',
    'Entfernen Sie zuerst einen.',
  ],
  reason_device_last: 'Dies ist Ihr einziger Browser. Sichern Sie zuerst Ihre Geldbörse.',
  reason_account_closed: 'Diese Geldbörse wurde aufgelöst. Sie können eine neue einrichten.',
  reason_account_not_empty:
    'Dort ist noch etwas offen, vielleicht in einem anderen Browser. Das endet binnen zehn Tagen.',
  reason_account_exists: 'In diesem Browser gibt es schon eine Geldbörse.',
} satisfies Record<`reason_${string}`, Text>;
