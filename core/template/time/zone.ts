// Time zones: offsets from the IANA database that the runtime carries, and the abbreviations that Go prints.

/** A zone: its name, and what a clock in it shows. */
export interface Zone {
  /** As Go's Location.String() says: `UTC`, `Local`, `Europe/Berlin`, empty for a bare offset. */
  readonly name: string;
  /** Seconds east of UTC, and the abbreviation, at a Unix time in seconds. */
  readonly at: (unixSeconds: number) => { offset: number; abbreviation: string };
}

export const utc: Zone = { name: "UTC", at: () => ({ offset: 0, abbreviation: "UTC" }) };

/** A zone that is nothing but an offset, as parsing `+0200` makes one. */
export function fixedZone(abbreviation: string, offset: number): Zone {
  return { name: abbreviation, at: () => ({ offset, abbreviation }) };
}

// Each of these locales spells the abbreviations of its own region; elsewhere it says GMT+2.
const locales = ["en-US", "en-GB", "en-AU", "en-CA", "en-NZ", "en-IN", "en-ZA"];
const zones = new Map<string, Zone | undefined>([
  ["", utc],
  ["UTC", utc],
]);
/** There are some 600 zones; names that are none are not kept. */
const namePattern = /^[A-Za-z0-9_+\-/]{1,64}$/;

/** `time.LoadLocation`; undefined when there is no such zone. `Local` must be mapped by the caller. */
export function findZone(name: string): Zone | undefined {
  if (zones.has(name)) return zones.get(name);
  if (!namePattern.test(name)) return undefined;
  const zone = loadZone(name);
  if (zone) zones.set(name, zone);
  return zone;
}

function loadZone(name: string): Zone | undefined {
  try {
    const formats = locales.map(
      (locale) => new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: "short", hour: "numeric" }),
    );
    const offsets = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
    return {
      name,
      at: (unixSeconds) => {
        const date = new Date(unixSeconds * 1000);
        const offset = parseOffset(zonePart(offsets, date));
        return { offset, abbreviation: abbreviate(formats, date, offset) };
      },
    };
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function zonePart(format: Intl.DateTimeFormat, date: Date): string {
  return format.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "";
}

function parseOffset(text: string): number {
  const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(text);
  if (!match) return 0;
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = match;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -size : size;
}

// Usual abbreviations that no locale of the runtime knows; IANA has them for these offsets.
const regional: [RegExp, Record<number, string>][] = [
  [/^Asia\/Tokyo$|^Japan$/, { 9: "JST" }],
  [/^Asia\/(?:Seoul|Pyongyang)$/, { 9: "KST" }],
  [/^Asia\/(?:Shanghai|Chongqing|Harbin|Macau|Taipei)$|^PRC$/, { 8: "CST" }],
  [/^Asia\/Hong_Kong$|^Hongkong$/, { 8: "HKT" }],
  [/^Asia\/Manila$/, { 8: "PST" }],
  [/^Asia\/Karachi$/, { 5: "PKT" }],
  [/^Asia\/(?:Jakarta|Pontianak)$/, { 7: "WIB" }],
  [/^Asia\/(?:Makassar|Ujung_Pandang)$/, { 8: "WITA" }],
  [/^Asia\/Jayapura$/, { 9: "WIT" }],
  [/^(?:Asia\/(?:Jerusalem|Tel_Aviv)|Israel)$/, { 2: "IST", 3: "IDT" }],
  [/^(?:Asia\/(?:Beirut|Nicosia|Gaza|Hebron|Famagusta)|Africa\/Cairo|Egypt)$/, { 2: "EET", 3: "EEST" }],
  [/^Africa\/(?:Tripoli)$/, { 2: "EET" }],
  [/^Europe\/(?:Moscow|Simferopol|Kirov|Volgograd)$/, { 3: "MSK" }],
  [
    /^Africa\/(?:Lagos|Kinshasa|Luanda|Douala|Libreville|Malabo|Niamey|Ndjamena|Porto-Novo|Bangui|Brazzaville)$/,
    { 1: "WAT" },
  ],
  [/^Africa\/(?:Nairobi|Addis_Ababa|Kampala|Dar_es_Salaam|Mogadishu|Djibouti|Asmara)$/, { 3: "EAT" }],
  [
    /^Africa\/(?:Maputo|Harare|Lusaka|Lubumbashi|Kigali|Gaborone|Blantyre|Bujumbura|Khartoum|Juba|Windhoek)$/,
    { 2: "CAT" },
  ],
  [/^Africa\/(?:Johannesburg|Maseru|Mbabane)$/, { 2: "SAST" }],
  [/^Africa\/(?:Algiers|Tunis)$/, { 1: "CET" }],
  [/^Pacific\/(?:Guam|Saipan)$/, { 10: "ChST" }],
  [/^Pacific\/(?:Pago_Pago|Midway)$/, { [-11]: "SST" }],
];

function abbreviate(formats: Intl.DateTimeFormat[], date: Date, offset: number): string {
  const zoneName = formats[0]?.resolvedOptions().timeZone ?? "";
  const known = regional.find(([pattern]) => pattern.test(zoneName))?.[1][offset / 3600];
  if (known !== undefined) return known;
  for (const format of formats) {
    const name = zonePart(format, date);
    if (/^[A-Z]{3,5}$/.test(name)) return name;
  }
  return numericName(offset);
}

// The IANA database gives zones without a usual abbreviation a numeric one.
function numericName(offset: number): string {
  const size = Math.abs(offset);
  const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  const minutes = size % 3600 === 0 ? "" : two((size % 3600) / 60);
  return `${offset < 0 ? "-" : "+"}${two(size / 3600)}${minutes}`;
}
