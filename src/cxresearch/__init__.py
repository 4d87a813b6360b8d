"""cxresearch: study what people say about brands, and defend every number.

A small helper library for the notebooks of a customer-experience study. Each module has one job and
may import only modules that come earlier on the way of the data; import what you need by module::

    from cxresearch import comments, sentiment
"""

__version__ = "0.1.0"
