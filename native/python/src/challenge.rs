//! What a block asks of the keys, and what answers it.

use btpow_core::{Order, Protocol, Solution, odds};
use pyo3::{
    Bound, PyAny, PyResult, Python,
    exceptions::PyValueError,
    pyclass, pyfunction, pymethods,
    types::{PyAnyMethods as _, PyBytes},
};

use crate::numbers::{self, Bytes32};

/// What a block asks of the keys: the message in which only the nonce is free.
#[pyclass(module = "btpow._native", frozen, eq, hash)]
#[derive(Clone, Hash, PartialEq)]
pub(crate) struct Challenge(pub(crate) btpow_core::Challenge);

#[pymethods]
impl Challenge {
    /// The challenge of a block for a hotkey and the coldkey that will sign.
    #[staticmethod]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "arguments from Python are owned"
    )]
    fn v1(netuid: u16, block_hash: Bytes32, hotkey: Bytes32, coldkey: Bytes32) -> PyResult<Self> {
        let block_hash = block_hash.hash("block_hash")?;
        let (hotkey, coldkey) = (hotkey.key("hotkey")?, coldkey.key("coldkey")?);
        btpow_core::Challenge::v1(netuid, block_hash, hotkey, coldkey)
            .map(Self)
            .map_err(|error| PyValueError::new_err(format!("netuid: {error}")))
    }

    /// The challenge of a block for one key, on chains before spec 395 and for the faucet.
    #[staticmethod]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "arguments from Python are owned"
    )]
    fn legacy(block_hash: Bytes32, key: Bytes32, order: &str) -> PyResult<Self> {
        let (block_hash, key) = (block_hash.hash("block_hash")?, key.key("key")?);
        let challenge = btpow_core::Challenge::legacy(order_of(order)?, block_hash, key);
        Ok(Self(challenge))
    }

    /// The same, from the hash of block and key.
    #[staticmethod]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "arguments from Python are owned"
    )]
    fn of_digest(digest: Bytes32, order: &str) -> PyResult<Self> {
        let digest = digest.hash("digest")?;
        Ok(Self(btpow_core::Challenge::of_digest(
            order_of(order)?,
            digest,
        )))
    }

    /// `v1` or `legacy`.
    #[getter]
    fn protocol(&self) -> &'static str {
        self.0.protocol().name()
    }

    /// How the bytes of a seal are read as a number: `big` or `little`.
    #[getter]
    fn order(&self) -> &'static str {
        self.0.protocol().order().name()
    }

    /// The seal of a nonce, by the readable definition.
    fn seal<'py>(&self, py: Python<'py>, nonce: u64) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.seal(nonce).0)
    }

    /// For `pickle` and `copy`: what [`restore`] takes.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Parts<'py>)> {
        let restore = py.import("btpow._native")?.getattr("restore")?;
        let block_hash = PyBytes::new(py, &self.0.block_hash());
        let message = PyBytes::new(py, self.0.message());
        Ok((
            restore,
            (self.protocol(), self.order(), block_hash, message),
        ))
    }

    fn __repr__(&self) -> String {
        match self.0.protocol() {
            Protocol::V1 => "<Challenge v1>".to_owned(),
            Protocol::Legacy(order) => format!("<Challenge legacy {}>", order.name()),
        }
    }
}

/// Protocol, order, hash of the block, message.
type Parts<'py> = (
    &'static str,
    &'static str,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
);

/// The challenge that `Challenge.__reduce__` took apart.
#[pyfunction]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments from Python are owned"
)]
pub(crate) fn restore(
    protocol: &str,
    order: &str,
    block_hash: Bytes32,
    message: &[u8],
) -> PyResult<Challenge> {
    let protocol = match protocol {
        "v1" => Some(Protocol::V1),
        "legacy" => Some(Protocol::Legacy(order_of(order)?)),
        _ => None,
    };
    let block_hash = block_hash.hash("block_hash")?;
    protocol
        .and_then(|it| btpow_core::Challenge::of_message(it, block_hash, message))
        .map(Challenge)
        .ok_or_else(|| PyValueError::new_err("this is no challenge that was pickled by btpow"))
}

fn order_of(name: &str) -> PyResult<Order> {
    match name {
        "big" => Ok(Order::Big),
        "little" => Ok(Order::Little),
        other => Err(PyValueError::new_err(format!(
            "order: there is no order {other:?}; choose 'big' or 'little'"
        ))),
    }
}

/// The seal of a nonce if it wins, else None. All 256 bits count.
#[pyfunction]
pub(crate) fn verify<'py>(
    py: Python<'py>,
    challenge: &Challenge,
    difficulty: u64,
    nonce: u64,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let target = numbers::difficulty(difficulty)?.target();
    let solution = Solution::verify(&challenge.0, &target, nonce);
    Ok(solution.ok().map(|it| PyBytes::new(py, &it.seal().0)))
}

/// Seconds until the first win, on average; None at rate 0.
#[pyfunction]
pub(crate) fn expected_time(difficulty: u64, hash_rate: f64) -> PyResult<Option<f64>> {
    Ok(odds::expected_seconds(
        numbers::difficulty(difficulty)?,
        hash_rate,
    ))
}

/// The hash of a block and a key, as the Python SDK's shared memory holds it.
#[pyfunction]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments from Python are owned"
)]
pub(crate) fn keccak_of_block<'py>(
    py: Python<'py>,
    block_hash: Bytes32,
    key: Bytes32,
) -> PyResult<Bound<'py, PyBytes>> {
    let (block_hash, key) = (block_hash.hash("block_hash")?, key.key("key")?);
    let digest = btpow_core::challenge::legacy_digest(&block_hash, &key);
    Ok(PyBytes::new(py, &digest))
}
