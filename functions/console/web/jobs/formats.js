// What files a job takes: functions/batch/sources/formats.py is what judges them.

export const FORMATS = [".jsonl", ".csv", ".parquet", ".npy", ".zip"];
export const COMPRESSIBLE = [".jsonl", ".csv", ".npy"];
export const COMPRESSIONS = [".gz", ".zst"];
export const RESULT_FORMATS = ["jsonl", "csv", "parquet", "npy"];
export const RESULT_COMPRESSIONS = ["gzip", "zstd"];
/** What S3 takes in one form; a stage may take less. */
export const LARGEST = 5 * 1024 ** 3;
/** For the dialog that chooses a file. */
export const ACCEPT = [...FORMATS, ...COMPRESSIONS].join(",");
