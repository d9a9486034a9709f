"""What the module had to do with torch: no search needs it."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import logging
import os
from typing import Any, Callable, TypeVar

T = TypeVar("T", bound=Callable[..., Any])

#: What Python and numpy ask everything for, of their own accord: nobody wants torch for that.
_NOBODYS = frozenset(
    "__array__ __array_interface__ __array_struct__ __bases__ __code__ __copy__ __deepcopy__ __file__ __getstate__ "
    "__loader__ __path__ __setstate__ __signature__ __spec__ __text_signature__ __wrapped__".split()
)


def use_torch() -> bool:
    """Whether the user wants torch instead of numpy: ``USE_TORCH=1``."""
    return os.getenv("USE_TORCH") == "1"


def log_no_torch_error() -> None:
    """Logs that torch is missing, and how to get it."""
    logging.getLogger("btpow").error(
        "this needs torch, which is not installed; install it with `pip install torch`, and set USE_TORCH=1"
    )


class LazyLoadedTorch:
    """Stands for the module torch, and imports it when something of it is used.

    It is true if torch is installed; finding that out imports nothing.
    """

    def __bool__(self) -> bool:
        return importlib.util.find_spec("torch") is not None

    def __getattr__(self, name: str) -> Any:
        if name in _NOBODYS:
            raise AttributeError(name)
        try:
            module = importlib.import_module("torch")
        except ImportError:
            log_no_torch_error()
            raise ImportError("torch is not installed; install it with `pip install torch`") from None
        return getattr(module, name)


#: Torch, if it is installed and used.
torch = LazyLoadedTorch()


def legacy_torch_api_compat(func: T) -> T:
    """Lets a function of numpy arrays take tensors and return them, where :func:`use_torch` says so."""

    @functools.wraps(func)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if not use_torch():
            return func(*args, **kwargs)
        tensor = torch.Tensor

        def array(value: Any) -> Any:
            return value.cpu().numpy() if isinstance(value, tensor) else value

        result = func(*map(array, args), **{name: array(it) for name, it in kwargs.items()})
        # Without an import of numpy: only a function that has imported it returns such an array.
        is_array = type(result).__module__ == "numpy" and type(result).__name__ == "ndarray"
        return torch.from_numpy(result) if is_array else result

    return decorated  # type: ignore[return-value]
