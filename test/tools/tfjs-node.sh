#!/usr/bin/env bash
# Used by nobody but people who want to run test/contract on libtensorflow; Apache-2.0, as the project.
# Makes @tensorflow/tfjs-node work where its own installer cannot download.
#   npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0
#   tfjs-node.sh [PROJECT_FOLDER]      (default: .)
# libtensorflow (2.10.1; tfjs-node asks for 2.9.1) comes from TensorFlow Java's
# package on Maven, Node's C headers from npm; the addon's own C++ source, which
# its npm package carries, is compiled here. Needs mvn, npm, g++; Linux x86-64.
# The cache keeps the two libraries and the addon (455 MB); a project gets a link
# to the libraries, so run this again after clearing the cache or npm install.
set -euo pipefail

artifact=org.tensorflow:tensorflow-core-api:0.5.0:jar:linux-x86_64
headers=node-api-headers@1.9.0
project=$(cd "${1:-.}" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mlship-tfjs-node

[ "$(uname -sm)" = "Linux x86_64" ] || { echo "tfjs-node.sh: Linux x86_64 only" >&2; exit 1; }
find_package='console.log(path.dirname(require.resolve("@tensorflow/tfjs-node/package.json", {paths: [process.argv[1]]})))'
package=$(node -e "$find_package" "$project" 2>/dev/null) ||
  { echo "tfjs-node.sh: @tensorflow/tfjs-node is not installed in $project" >&2; exit 1; }
version=$(node -p 'require(process.argv[1]).version' "$package/package.json")

lib=$cache/tensorflow-2.10.1
addon=$cache/tfjs_binding-$version.node
mkdir -p "$cache"
work=$(mktemp -d "$cache/tmp.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ ! -e "$lib" ]; then
  echo "tfjs-node.sh: fetching libtensorflow (117 MB)"
  # A local repository of its own, so that the archive is not kept.
  (cd "$work" && mvn -B -q -Dmaven.repo.local="$work/m2" dependency:unpack \
    -Dartifact="$artifact" -Dmdep.unpack.includes='**/libtensorflow*' \
    -DoutputDirectory="$work/jar") > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  mkdir "$work/lib"
  mv "$work"/jar/org/tensorflow/internal/c_api/linux-x86_64/libtensorflow*.so.2 "$work/lib"
  mv -T "$work/lib" "$lib" 2>/dev/null || [ -e "$lib" ] # another run may have been first
fi

if [ ! -e "$addon" ]; then
  echo "tfjs-node.sh: compiling the addon"
  (cd "$work" && npm pack --silent "$headers" >/dev/null && tar xzf node-api-headers-*.tgz)
  # The part of TensorFlow's C API that the addon uses: the Maven package has no
  # headers. These agree with the official ones of TensorFlow 2.12, 2.19 and 2.21.
  inc=$work/include/tensorflow
  mkdir -p "$inc/c/eager" "$inc/core/platform"
  for f in c/eager/c_api.h c/tf_datatype.h c/tf_status.h c/tf_tensor.h core/platform/ctstring_internal.h; do
    echo '#include "tensorflow/c/c_api.h"' > "$inc/$f"
  done
  cat > "$inc/c/c_api.h" <<'H'
#ifndef TF_C_API_SUBSET_H_
#define TF_C_API_SUBSET_H_
#include <stddef.h>
#include <stdint.h>
extern "C" {
typedef enum TF_DataType { TF_FLOAT = 1, TF_DOUBLE = 2, TF_INT32 = 3, TF_UINT8 = 4, TF_STRING = 7,
  TF_COMPLEX64 = 8, TF_INT64 = 9, TF_BOOL = 10, TF_RESOURCE = 20 } TF_DataType;
typedef enum TF_AttrType { TF_ATTR_STRING = 0, TF_ATTR_INT = 1, TF_ATTR_FLOAT = 2, TF_ATTR_BOOL = 3,
  TF_ATTR_TYPE = 4, TF_ATTR_SHAPE = 5 } TF_AttrType;
typedef enum TF_Code { TF_OK = 0 } TF_Code;
typedef struct TF_Status TF_Status;
typedef struct TF_Tensor TF_Tensor;
typedef struct TF_Graph TF_Graph;
typedef struct TF_Operation TF_Operation;
typedef struct TF_Session TF_Session;
typedef struct TF_SessionOptions TF_SessionOptions;
typedef struct TF_DeviceList TF_DeviceList;
typedef struct TFE_ContextOptions TFE_ContextOptions;
typedef struct TFE_Context TFE_Context;
typedef struct TFE_TensorHandle TFE_TensorHandle;
typedef struct TFE_Op TFE_Op;
typedef struct TF_Output { TF_Operation* oper; int index; } TF_Output;
typedef struct TF_Buffer { const void* data; size_t length; void (*data_deallocator)(void*, size_t); } TF_Buffer;
typedef struct TF_TString { size_t opaque[3]; } TF_TString;
#define TF_TString_Init TF_StringInit
#define TF_TString_Copy TF_StringCopy
#define TF_TString_Dealloc TF_StringDealloc
#define TF_TString_GetDataPointer TF_StringGetDataPointer
#define TF_TString_GetSize TF_StringGetSize
void TF_StringInit(TF_TString*);
void TF_StringCopy(TF_TString*, const char*, size_t);
void TF_StringDealloc(TF_TString*);
const char* TF_StringGetDataPointer(const TF_TString*);
size_t TF_StringGetSize(const TF_TString*);
const char* TF_Version(void);
size_t TF_DataTypeSize(TF_DataType);
TF_Status* TF_NewStatus(void);
void TF_DeleteStatus(TF_Status*);
TF_Code TF_GetCode(const TF_Status*);
const char* TF_Message(const TF_Status*);
TF_Buffer* TF_NewBuffer(void);
TF_Buffer* TF_NewBufferFromString(const void*, size_t);
void TF_DeleteBuffer(TF_Buffer*);
TF_Tensor* TF_NewTensor(TF_DataType, const int64_t*, int, void*, size_t, void (*)(void*, size_t, void*), void*);
TF_Tensor* TF_AllocateTensor(TF_DataType, const int64_t*, int, size_t);
void TF_DeleteTensor(TF_Tensor*);
TF_DataType TF_TensorType(const TF_Tensor*);
int TF_NumDims(const TF_Tensor*);
int64_t TF_Dim(const TF_Tensor*, int);
size_t TF_TensorByteSize(const TF_Tensor*);
void* TF_TensorData(const TF_Tensor*);
int64_t TF_TensorElementCount(const TF_Tensor*);
TF_Graph* TF_NewGraph(void);
void TF_DeleteGraph(TF_Graph*);
TF_Operation* TF_GraphOperationByName(TF_Graph*, const char*);
TF_SessionOptions* TF_NewSessionOptions(void);
void TF_DeleteSessionOptions(TF_SessionOptions*);
TF_Session* TF_LoadSessionFromSavedModel(const TF_SessionOptions*, const TF_Buffer*, const char*,
  const char* const*, int, TF_Graph*, TF_Buffer*, TF_Status*);
void TF_DeleteSession(TF_Session*, TF_Status*);
void TF_SessionRun(TF_Session*, const TF_Buffer*, const TF_Output*, TF_Tensor* const*, int,
  const TF_Output*, TF_Tensor**, int, const TF_Operation* const*, int, TF_Buffer*, TF_Status*);
void TF_DeleteDeviceList(TF_DeviceList*);
int TF_DeviceListCount(const TF_DeviceList*);
const char* TF_DeviceListName(const TF_DeviceList*, int, TF_Status*);
const char* TF_DeviceListType(const TF_DeviceList*, int, TF_Status*);
TFE_ContextOptions* TFE_NewContextOptions(void);
void TFE_DeleteContextOptions(TFE_ContextOptions*);
TFE_Context* TFE_NewContext(const TFE_ContextOptions*, TF_Status*);
void TFE_DeleteContext(TFE_Context*);
TF_DeviceList* TFE_ContextListDevices(TFE_Context*, TF_Status*);
TFE_TensorHandle* TFE_NewTensorHandle(const TF_Tensor*, TF_Status*);
void TFE_DeleteTensorHandle(TFE_TensorHandle*);
TF_DataType TFE_TensorHandleDataType(TFE_TensorHandle*);
int TFE_TensorHandleNumDims(TFE_TensorHandle*, TF_Status*);
int64_t TFE_TensorHandleDim(TFE_TensorHandle*, int, TF_Status*);
TF_Tensor* TFE_TensorHandleResolve(TFE_TensorHandle*, TF_Status*);
TFE_TensorHandle* TFE_TensorHandleCopyToDevice(TFE_TensorHandle*, TFE_Context*, const char*, TF_Status*);
TFE_Op* TFE_NewOp(TFE_Context*, const char*, TF_Status*);
void TFE_DeleteOp(TFE_Op*);
void TFE_OpAddInput(TFE_Op*, TFE_TensorHandle*, TF_Status*);
void TFE_OpSetAttrString(TFE_Op*, const char*, const void*, size_t);
void TFE_OpSetAttrInt(TFE_Op*, const char*, int64_t);
void TFE_OpSetAttrFloat(TFE_Op*, const char*, float);
void TFE_OpSetAttrBool(TFE_Op*, const char*, unsigned char);
void TFE_OpSetAttrType(TFE_Op*, const char*, TF_DataType);
void TFE_OpSetAttrShape(TFE_Op*, const char*, const int64_t*, const int, TF_Status*);
void TFE_OpSetAttrIntList(TFE_Op*, const char*, const int64_t*, int);
void TFE_OpSetAttrFloatList(TFE_Op*, const char*, const float*, int);
void TFE_OpSetAttrBoolList(TFE_Op*, const char*, const unsigned char*, int);
void TFE_Execute(TFE_Op*, TFE_TensorHandle**, int*, TF_Status*);
}
#endif
H
  g++ -std=c++17 -O2 -fPIC -shared -w -DNAPI_VERSION=8 -I"$work/package/include" -I"$work/include" \
    "$package"/binding/*.cc -L"$lib" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 \
    '-Wl,-rpath,$ORIGIN/../../deps/lib' -o "$work/addon.node"
  mv "$work/addon.node" "$addon"
fi

mkdir -p "$package/deps" "$package/lib/napi-v8"
ln -sfnT "$lib" "$package/deps/lib"
cp --remove-destination "$addon" "$package/lib/napi-v8/tfjs_binding.node"
echo "tfjs-node.sh: ready in $package"
