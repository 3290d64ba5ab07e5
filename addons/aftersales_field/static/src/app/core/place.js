const PATIENCE = 1500;

function read(options) {
    return new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
            ({ coords, timestamp }) => {
                resolve({
                    latitude: coords.latitude,
                    longitude: coords.longitude,
                    accuracy: coords.accuracy,
                    date_device: new Date(timestamp).toISOString().slice(0, 19).replace("T", " "),
                });
            },
            () => resolve(null),
            options
        );
    });
}

/** @returns {Promise<Object | null>} where the phone is, if it tells soon enough */
export async function getPlace() {
    if (!navigator.geolocation) {
        return null;
    }
    return Promise.race([
        read({ enableHighAccuracy: true, maximumAge: 60000, timeout: 20000 }),
        new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE)),
    ]);
}
