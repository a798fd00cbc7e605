# Finds libtorch in three places, in this order, and sets TORCH_INCLUDE_DIRS, TORCH_LIBRARY_DIR, TORCH_LIBRARIES, TORCH_VERSION and TORCH_CXX11_ABI.
#
# Not find_package(Torch): the CMake files of a CUDA build ask for nvcc, which nobody needs to use one.
# Nothing found is kept in the cache, so that another LIBTORCH is seen the next time.

set(torch_oldest 1.13)

# The libtorch under ROOT (include/, lib/), or nothing. A Python package 'torch' is laid out like this too.
function(look_for_libtorch root result)
  if(EXISTS "${root}/include/torch/csrc/api/include/torch/version.h" AND EXISTS "${root}/lib/libtorch_cpu.so")
    set(${result} "${root}/include;${root}/lib" PARENT_SCOPE)
  else()
    set(${result} "" PARENT_SCOPE)
  endif()
endfunction()

set(found "")
set(place_named "LIBTORCH is not set")
set(place_system "no torch/version.h and libtorch_cpu.so below /usr")
set(place_python "LIBTORCH_USE_PYTORCH is not 1")

if(NOT "$ENV{LIBTORCH}" STREQUAL "")
  look_for_libtorch("$ENV{LIBTORCH}" found)
  set(place_named "'$ENV{LIBTORCH}' has no include/torch/csrc/api/include/torch/version.h or no lib/libtorch_cpu.so")
  # A folder that was named and does not fit is a mistake to be told, not a reason to take another libtorch in silence.
  if(NOT found)
    set(place_system "not looked at, as LIBTORCH is set")
    set(place_python "not looked at, as LIBTORCH is set")
  endif()
else()
  if(EXISTS "/usr/include/torch/csrc/api/include/torch/version.h")
    foreach(directory /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE} /usr/lib64 /usr/lib)
      if(NOT found AND EXISTS "${directory}/libtorch_cpu.so")
        set(found "/usr/include;${directory}")
      endif()
    endforeach()
  endif()
  if(NOT found AND "$ENV{LIBTORCH_USE_PYTORCH}" STREQUAL "1")
    execute_process(
      COMMAND python3 -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
      OUTPUT_VARIABLE python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(python_torch)
      look_for_libtorch("${python_torch}" found)
      set(place_python "'${python_torch}' has no include/ or lib/libtorch_cpu.so")
    else()
      set(place_python "python3 finds no package 'torch'")
    endif()
  endif()
endif()

if(NOT found)
  message(FATAL_ERROR "\
libtorch was not found. Looked for, in this order:\n\
  1. LIBTORCH, a libtorch folder or a Python 'torch' folder: ${place_named}\n\
  2. the system's (Debian: apt-get install libtorch-dev libopenblas0-pthread): ${place_system}\n\
  3. a Python environment's torch, with LIBTORCH_USE_PYTORCH=1: ${place_python}")
endif()

list(GET found 0 torch_include)
list(GET found 1 TORCH_LIBRARY_DIR)

# The numbers stand in the first of these files, or, where a newer libtorch has moved them, in the second.
set(version_lines "")
foreach(header torch/csrc/api/include/torch/version.h torch/headeronly/version.h)
  if(NOT version_lines AND EXISTS "${torch_include}/${header}")
    file(STRINGS "${torch_include}/${header}" version_lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  endif()
endforeach()
string(REGEX REPLACE "[^0-9;]" "" version_numbers "${version_lines}")
list(JOIN version_numbers "." TORCH_VERSION)
if(TORCH_VERSION VERSION_LESS torch_oldest)
  message(FATAL_ERROR "libtorch in ${TORCH_LIBRARY_DIR} is '${TORCH_VERSION}'; this project needs ${torch_oldest} or newer.")
endif()

set(TORCH_INCLUDE_DIRS "${torch_include}" "${torch_include}/torch/csrc/api/include")

# A CUDA build registers its kernels from libtorch_cuda's static initialisers, so it is linked even though no symbol of it is asked for.
set(TORCH_LIBRARIES "")
foreach(library torch torch_cpu torch_cuda c10 c10_cuda)
  if(EXISTS "${TORCH_LIBRARY_DIR}/lib${library}.so")
    list(APPEND TORCH_LIBRARIES "${TORCH_LIBRARY_DIR}/lib${library}.so")
  endif()
endforeach()

# Wheels before 2.7 were built with the old std::string. The library itself says which: one function that every version has takes a string.
file(STRINGS "${TORCH_LIBRARY_DIR}/libc10.so" old_abi LIMIT_COUNT 1 REGEX "torchCheckFailEPKcS2_jRKSs")
set(TORCH_CXX11_ABI 1)
if(old_abi)
  set(TORCH_CXX11_ABI 0)
endif()
