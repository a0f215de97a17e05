"""What the binding needs of numpy's C interface: making arrays, and finding their memory."""

cdef extern from *:
    """
    #define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
    #include <numpy/arrayobject.h>
    """
    ctypedef Py_ssize_t npy_intp

    ctypedef struct PyArrayObject:
        pass

    enum:
        NPY_BYTE
        NPY_INT32
        NPY_INT64
        NPY_FLOAT

    int _import_array() except -1
    bint PyArray_Check(object array)
    bint PyArray_ISCARRAY(const PyArrayObject *array) nogil
    bint PyArray_ISCARRAY_RO(const PyArrayObject *array) nogil
    int PyArray_TYPE(const PyArrayObject *array) nogil
    int PyArray_NDIM(const PyArrayObject *array) nogil
    npy_intp *PyArray_DIMS(PyArrayObject *array) nogil
    void *PyArray_DATA(const PyArrayObject *array) nogil
    object PyArray_SimpleNew(int ndim, npy_intp *dims, int typenum)
