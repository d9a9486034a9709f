// NVIDIA's management library, emulated along with the driver: the functions that the crate calls, for
// cards with the UUIDs and addresses of `driver.cpp`. Each draws 250 W at 61 degrees.
//
// BTPOW_EMULATED_SENSORS  `no-counter`: there is no energy counter; `none`: no sensor answers

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6 };
enum { MILLIWATTS = 250000, DEGREES = 61, MEGAHERTZ = 1830 };

static bool lacks(const char* sensor) {
    const char* setting = getenv("BTPOW_EMULATED_SENSORS");
    return setting && (!strcmp(setting, "none") || !strcmp(setting, sensor));
}

static int card(void** device, bool known) {
    static int any;
    *device = &any;
    return known ? SUCCESS : NOT_FOUND;
}

extern "C" {

int nvmlInit_v2() { return SUCCESS; }
int nvmlShutdown() { return SUCCESS; }
const char* nvmlErrorString(int) { return "an emulated error"; }
int nvmlSystemGetDriverVersion(char* version, unsigned length) {
    snprintf(version, length, "550.54.15");
    return SUCCESS;
}
int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
    return card(device, !strncmp(uuid, "GPU-1", 5));
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
    return card(device, !strncmp(id, "0000:6", 6));
}
int nvmlDeviceGetTemperature(void*, int, unsigned* degrees) {
    *degrees = DEGREES;
    return lacks("temperature") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
    *milliwatts = MILLIWATTS;
    return lacks("power") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
    std::chrono::duration<double> age = std::chrono::steady_clock::now().time_since_epoch();
    *millijoules = static_cast<unsigned long long>(age.count() * MILLIWATTS);
    return lacks("no-counter") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetClockInfo(void*, int, unsigned* megahertz) {
    *megahertz = MEGAHERTZ;
    return SUCCESS;
}
}
