import type { linalgOps } from "../ops/linalg.js";
import { eig } from "./complex/linalg/eigen.js";
import {
	matrixLogarithm,
	matrixSquareRoot,
} from "./complex/linalg/functions.js";
import type { HostTable } from "./kernel.js";
import { cholesky } from "./linalg/cholesky.js";
import { qr } from "./linalg/householder.js";
import { matrixSolveLs } from "./linalg/least-squares.js";
import {
	logMatrixDeterminant,
	lu,
	matrixDeterminant,
	matrixInverse,
	matrixSolve,
} from "./linalg/lu.js";
import { selfAdjointEig } from "./linalg/self-adjoint.js";
import { svd } from "./linalg/svd.js";
import {
	bandedTriangularSolve,
	matrixTriangularSolve,
	tridiagonalMatMul,
	tridiagonalSolve,
} from "./linalg/triangular.js";

export const linalgKernels: HostTable<typeof linalgOps> = {
	MatrixDeterminant: matrixDeterminant,
	LogMatrixDeterminant: logMatrixDeterminant,
	MatrixInverse: matrixInverse,
	MatrixSolve: matrixSolve,
	MatrixSolveLs: matrixSolveLs,
	MatrixTriangularSolve: matrixTriangularSolve,
	BandedTriangularSolve: bandedTriangularSolve,
	TridiagonalSolve: tridiagonalSolve,
	TridiagonalMatMul: tridiagonalMatMul,
	Cholesky: cholesky,
	Lu: lu,
	Qr: qr,
	SelfAdjointEigV2: selfAdjointEig,
	Svd: svd,
	Eig: eig,
	MatrixSquareRoot: matrixSquareRoot,
	MatrixLogarithm: matrixLogarithm,
};
