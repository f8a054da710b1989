import { join } from "node:path";
import { HOME } from "../place.js";
import { row, skipped } from "../table.js";
import { figure, inTurn, SUBJECTS } from "./predict.js";

const FOLDER = join(HOME, "fixtures/models/rnn/1");

/** A bidirectional LSTM, a GRU and a simple recurrent layer behind one another, one sequence at a time and many. */
export async function measureRnn(place) {
	const rows = [];
	for (const batch of [1, 32]) rows.push(await measureBatch(batch, place));
	return rows;
}

async function measureBatch(batch, place) {
	const what = `LSTM, GRU and RNN, batch of ${batch}, vs TensorFlow in Python`;
	if (place.python === undefined) return skipped("rnn", what, "no TensorFlow");
	const args = [FOLDER, String(place.runs), String(batch)];
	const { mlship, tensorflow } = await inTurn(place.rounds, {
		mlship: [process.execPath, join(SUBJECTS, "predict_mlship.js"), ...args],
		tensorflow: [place.python, join(SUBJECTS, "predict_tf.py"), ...args],
	});
	return row("rnn", what, {
		figure: figure(mlship, tensorflow),
		ratio: tensorflow / mlship,
		goal: 1,
	});
}
