/** What is used of DuckDB's API for Node.js. */
interface Connection {
  runAndReadAll(sql: string): Promise<{ getRowsJson(): (string | number | boolean | null)[][] }>;
  closeSync(): void;
}

/** DuckDB, where it is installed; where the project is judged (CI is set), a missing one is a failure. */
export async function duckdb(): Promise<Connection | undefined> {
  // By a variable: who has not installed it can check the types.
  const name = "@duckdb/node-api";
  try {
    const { DuckDBInstance } = await import(name);
    return await (await DuckDBInstance.create(":memory:")).connect();
  } catch (error) {
    if (process.env.CI)
      throw new Error("Cannot check against DuckDB: run npm install", { cause: error });
    return undefined;
  }
}

/** The rows that a query comes to; integers of 64 bits are texts. */
export async function query(connection: Connection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}
