import { metricOrders } from "./measures";
import type { Order } from "./traits";

/** What the orders are called. */
export const orders: Readonly<Record<Order, string>> = {
  given: "As given",
  confidence: "Most confident first",
  least_confident: "Least confident first",
  wrong: "Wrong first",
  disagreement: "Disagreement first",
  changed: "Changed prediction first",
  value_change: "Most changed probability first",
  map_change: "Least alike maps first",
  ...metricOrders,
};

/** What they are called where the model's numbers are no probabilities. */
export const plainOrders: Readonly<Partial<Record<Order, string>>> = {
  value_change: "Most changed value first",
  confidence: "Highest value first",
  least_confident: "Lowest value first",
};
