// A client as a third party would write it, with the types that openapi-typescript makes from the served document.
// Run with the address of the service.
import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { components, paths } from "./api.d.ts";

type Problem = components["schemas"]["Problem"];
type Observation = components["schemas"]["Observation"];

const baseUrl = process.argv[2];
assert(baseUrl, "the address of the service is missing");
const client = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl,
  // Lists are comma-separated: the document says so parameter by parameter, the library is told once.
  querySerializer: { array: { style: "form", explode: false } },
});

async function observations(): Promise<void> {
  const { data, error, response } = await client.GET("/api/v1/observations", {
    params: {
      query: {
        indicator: ["urbanization_rate"],
        region: ["370000", "370100"],
        year: ["2021", "2023..2024"],
        fields: ["region", "year", "value", "published_on"],
        sort: ["-value"],
        count: true,
      },
    },
  });
  assert(data, JSON.stringify(error));
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(data.meta.count, data.results.length);
  assert.equal(data.next, null);
  assert.deepEqual(new Set(data.results.map((row) => row.region)), new Set(["370000", "370100"]));
  const latest: Observation | undefined = data.results.find((row) => row.region === "370000" && row.year === 2024);
  const value: number | null | undefined = latest?.value;
  assert.equal(value, 66.48);
  assert.match(latest?.published_on ?? "", /^\d{4}-\d{2}-\d{2}$/);
}

async function walk(): Promise<void> {
  const rows: Observation[] = [];
  let next: string | null = `${baseUrl}/api/v1/observations`;
  while (next) {
    const cursor: string | null = new URL(next).searchParams.get("cursor");
    const { data, error }: { data?: components["schemas"]["ObservationList"]; error?: Problem } = await client.GET("/api/v1/observations", {
      params: { query: { indicator: ["urbanization_rate"], page_size: 70, count: true, ...(cursor && { cursor }) } },
    });
    assert(data, JSON.stringify(error));
    rows.push(...data.results);
    next = data.next;
    if (!next) assert.equal(rows.length, data.meta.count);
  }
  assert(rows.length > 140);
  assert.equal(new Set(rows.map((row) => `${row.region} ${row.year}`)).size, rows.length);
}

async function targets(): Promise<void> {
  const { data } = await client.GET("/api/v1/targets", {
    params: { query: { plan: ["SD-NUP-3Y-2021-2023"], indicator: ["urbanization_rate"], comparator: ["ge", "approx"] } },
  });
  const [first] = data?.results ?? [];
  assert(first?.code);
  const { data: target } = await client.GET("/api/v1/targets/{code}", { params: { path: { code: first.code } } });
  assert.deepEqual(target, first);
  const comparator: "ge" | "le" | "eq" | "approx" | undefined = target?.comparator;
  assert.equal(comparator, "ge");
}

async function error(): Promise<void> {
  const { data, error, response } = await client.GET("/api/v1/observations", {
    // @ts-expect-error: the types know what can be sorted by
    params: { query: { region: ["Jinan"], yaer: ["2020"], sort: ["velue"] } },
  });
  assert.equal(data, undefined);
  assert.equal(response.status, 400);
  assert(error);
  assert.equal(error.status, 400);
  assert.deepEqual(
    error.errors.map((problem) => [problem.code, problem.parameter, problem.did_you_mean[0]]),
    [
      ["unknown_code", "region", "370100"],
      ["unknown_parameter", "yaer", "year"],
      ["unknown_sort_field", "sort", "value"],
    ],
  );
}

async function table(): Promise<void> {
  const { data } = await client.GET("/api/v1/units", { params: { query: { format: "csv" } }, parseAs: "text" });
  assert(data?.startsWith("code,name_zh,name_en,symbol\r\n"));
}

for (const step of [observations, walk, targets, error, table]) {
  await step();
  console.log(`${step.name}: right`);
}
