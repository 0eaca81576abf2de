/**
 * A moment in UTC with microseconds, always in the one spelling `2026-11-20T10:00:00.000000Z` (years 0001 to 9999), so
 * that comparing two as strings compares them as moments.
 */
export type Time = string;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const SECONDS_PER_DAY = 86_400;
/** Microseconds since 1970 pass 2^53, so whole seconds and the microseconds within one are kept apart. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/**
 * The moment that an RFC 3339 text names, whatever its offset: fractions are cut to microseconds, a leap second is the
 * first of the next minute. Undefined for any other text and outside the years 0001 to 9999.
 */
export const toTime = (text: string): Time | undefined => {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offset = offsetSeconds(match[8], Number(match[9]), Number(match[10]));
  if (offset === undefined || !isDate(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined;
  const seconds = daysBefore(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset;
  // A leap second is only ever inserted after 23:59:59 UTC.
  if (second === 60 && modulo(seconds, SECONDS_PER_DAY) !== 0) return undefined;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return undefined;
  return format(seconds, Number((match[7] ?? '').slice(0, 6).padEnd(6, '0')));
};

/** `time` and so many minutes, rounded up to the next microsecond, so that nothing comes early; at most the end of 9999. */
export const addMinutes = (time: Time, minutes: number): Time => {
  const added = microsecondsIn(minutes);
  const micros = Number(time.slice(20, 26)) + (added % 1_000_000);
  const seconds = secondsOf(time) + Math.floor(added / 1_000_000) + Math.floor(micros / 1_000_000);
  return seconds > LAST_SECOND ? '9999-12-31T23:59:59.999999Z' : format(seconds, micros % 1_000_000);
};

/** The moment so many milliseconds after the beginning of 1970; fractions are cut to microseconds. */
export const fromEpochMillis = (milliseconds: number): Time => {
  const seconds = Math.floor(milliseconds / 1000);
  return format(seconds, Math.floor((milliseconds - seconds * 1000) * 1000));
};

const offsetSeconds = (sign: string | undefined, hours: number, minutes: number) => {
  if (sign === undefined) return 0;
  if (hours > 23 || minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
};

const secondsOf = (time: Time) =>
  daysBefore(Number(time.slice(0, 4)), Number(time.slice(5, 7)), Number(time.slice(8, 10))) * SECONDS_PER_DAY +
  Number(time.slice(11, 13)) * 3600 +
  Number(time.slice(14, 16)) * 60 +
  Number(time.slice(17, 19));

/** From the decimal digits that the number is written with, as 0.1 in binary is not a tenth. */
const microsecondsIn = (minutes: number): number => {
  const [digits = '0', exponent = '0'] = String(minutes).split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const scale = fraction.length - Number(exponent);
  const micros = BigInt(whole + fraction) * 60_000_000n;
  if (scale <= 0) return Number(micros * 10n ** BigInt(-scale));
  const divisor = 10n ** BigInt(scale);
  return Number((micros + divisor - 1n) / divisor);
};

const isDate = (year: number, month: number, day: number) =>
  month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);

const daysInMonth = (year: number, month: number) => {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

const isLeapYear = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Days from 1970-01-01 in the Gregorian calendar, its years counted from March so that a leap day comes last. */
const daysBefore = (year: number, month: number, day: number) => {
  const marchYear = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return marchYear * 365 + leapDaysBefore(marchYear) + dayOfYear - 719_468;
};

const leapDaysBefore = (year: number) => Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);

/** The inverse of `daysBefore`, by eras of 400 years, which all have the same number of days. */
const dateOf = (days: number): [year: number, month: number, day: number] => {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (yearOfEra * 365 + leapDaysBefore(yearOfEra));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
};

const format = (seconds: number, micros: number): Time => {
  const [year, month, day] = dateOf(Math.floor(seconds / SECONDS_PER_DAY));
  const second = modulo(seconds, SECONDS_PER_DAY);
  const clock = `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}.${pad(micros, 6)}Z`;
};

const modulo = (value: number, divisor: number) => value - Math.floor(value / divisor) * divisor;
const pad = (value: number, length: number) => String(value).padStart(length, '0');
