const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;
/** 1 January 1980, 00:00: the first moment that a zip can name. */
const DOS_TIME = 0;
const DOS_DATE = 0x21;

/** Sets the date of every part of a zip to one instant, in place: exceljs writes the current time into them. */
export function fixZipDates(zip: Buffer): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  if (end < 0 || zip.readUInt32LE(end) !== END_RECORD) throw new Error('not a zip: it has no end record');
  const entries = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < entries; index += 1) {
    if (zip.readUInt32LE(at) !== CENTRAL_HEADER) throw new Error('damaged zip: a central header is missing');
    const local = zip.readUInt32LE(at + 42);
    zip.writeUInt16LE(DOS_TIME, at + 12);
    zip.writeUInt16LE(DOS_DATE, at + 14);
    zip.writeUInt16LE(DOS_TIME, local + 10);
    zip.writeUInt16LE(DOS_DATE, local + 12);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return zip;
}
